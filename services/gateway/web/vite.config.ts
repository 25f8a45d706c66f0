// What the gateway serves: one page, one script, one style sheet, and nothing inline, so that the strictest content policy holds.
// Vite 6 is the last that runs on the Node.js of Debian 12.
import { defineConfig } from "vite";
import { plotLean } from "./plot_lean";

export default defineConfig({
  base: "./",
  plugins: [plotLean()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2022",
    minify: "terser",
    terserOptions: { module: true, ecma: 2020, compress: { passes: 3, unsafe_arrows: true }, format: { comments: false } },
    modulePreload: { polyfill: false },
    // Nothing becomes a data: URL: the policy allows it for images alone, and a file is cached.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    // By such names the gateway knows that a file may be kept for ever.
    rollupOptions: { output: { hashCharacters: "hex" } },
  },
});
