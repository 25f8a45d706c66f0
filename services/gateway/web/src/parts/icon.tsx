// The few pictures of the page, drawn by strokes in the colour of the text beside them.
const paths = {
  network: "M12 4v16M5 7c0 5 7 4 7 9M19 9c0 4-7 4-7 8",
  sales: "M4 19V5M4 19h16M7.500 15l4-5 3.500 3L20 7",
  stock: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  logistics:
    "M3 7h11v9H3zM14 10h4l3 3v3h-7M7 19a1.500 1.500 0 100-3 1.500 1.500 0 000 3zM17.500 19a1.500 1.500 0 100-3 1.500 1.500 0 000 3z",
  targets: "M12 20a8 8 0 100-16 8 8 0 000 16zM12 16a4 4 0 100-8 4 4 0 000 8zM12 12h.01",
  events: "M4 6h4M11 6h9M4 12h9M16 12h4M4 18h6M13 18h7",
  system: "M4 5h16v5H4zM4 14h16v5H4zM8 7.500h.01M8 16.500h.01",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400",
  moon: "M20 14.500A8 8 0 019.500 4 8 8 0 1020 14.500z",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  back: "M15 5l-7 7 7 7",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
