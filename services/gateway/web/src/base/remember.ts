// Small choices that outlive the page. A browser that keeps nothing (private mode, a full disk) costs the memory, not the page.
export function recall(name: string): string {
  try {
    return localStorage.getItem(`tributary.${name}`) ?? "";
  } catch {
    return "";
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`tributary.${name}`, value);
  } catch {
    // see above
  }
}
