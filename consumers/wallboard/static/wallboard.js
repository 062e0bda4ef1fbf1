/* The wall is drawn for 1920 × 1080 and fitted to whatever hangs there. */
(() => {
  const wall = document.getElementById("wall");
  function fit() {
    const scale = Math.min(innerWidth / 1920, innerHeight / 1080);
    wall.style.zoom = scale.toFixed(4);
  }
  fit();
  addEventListener("resize", fit);
})();
