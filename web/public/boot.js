// Runs before the first paint: takes a key out of the address, and sets the theme and the sidebar's width.
(function () {
  "use strict";
  var login = /^#key=([\w-]+)$/.exec(location.hash);
  if (login) {
    sessionStorage.setItem("key", login[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }

  var dark = matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    var chosen = localStorage.getItem("theme");
    var theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = theme;
  }
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("themechange", paint);
  paint();

  function widen() {
    // src/components/shell/edge.tsx keeps nothing narrower or wider.
    var width = parseInt(localStorage.getItem("sidebar"), 10);
    if (width >= 220 && width <= 360) {
      document.documentElement.style.setProperty("--sidebar", width + "px");
    }
  }
  addEventListener("storage", widen);
  addEventListener("sidebarchange", widen);
  widen();
})();
