// Sets the chosen colour scheme before the first paint. A file of its own, since inline scripts are not allowed.
(() => {
  let scheme = "auto";
  try {
    scheme = localStorage.getItem("latchkey-color-scheme") ?? "auto";
  } catch {
    // Storage may be forbidden; the system's choice stands.
  }
  if (scheme !== "light" && scheme !== "dark")
    scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
