// Hands a text to the person as a file, and a figure as a file that looks the same outside the page.

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has it once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** With the colours of the tokens written out: nobody else knows them. */
export function svgText(figure: SVGElement): string {
  const style = getComputedStyle(figure);
  const copy = figure.cloneNode(true);
  if (!(copy instanceof SVGElement)) return "";
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "sans-serif");
  copy.setAttribute("font-size", "12");
  copy.setAttribute("color", style.color);
  const text = new XMLSerializer().serializeToString(copy);
  return text.replaceAll(/var\((--[a-z0-9-]+)\)/g, (whole, name: string) => {
    const value = style.getPropertyValue(name).trim();
    return value === "" ? whole : value;
  });
}
