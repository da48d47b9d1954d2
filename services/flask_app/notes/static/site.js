// Says how long the page took, measured by the browser.
const { startTime, responseEnd } = performance.getEntriesByType("navigation")[0];
document.getElementById("timing").textContent =
  `, here in ${Math.max(1, Math.round(responseEnd - startTime))} ms`;
