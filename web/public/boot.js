// Runs before the first paint: takes a key out of the address, sets the theme and the sidebar's width, and while the
// scripts are still on their way asks for what every page shows and keeps what is pressed.
(function () {
  "use strict";
  var login = /^#key=([\w-]+)$/.exec(location.hash);
  if (login) {
    sessionStorage.setItem("key", login[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }

  var root = document.documentElement;
  var key = sessionStorage.getItem("key");
  if (key) {
    // src/lib/api.ts takes each answer once, for the same key.
    window.asked = { key: key, answers: {} };
    var ask = function (path) {
      window.asked.answers[path] = fetch("/api/v1" + path, { cache: "no-store", headers: { authorization: "Bearer " + key } });
      return window.asked.answers[path];
    };
    var ignore = function () {};
    // The line about the sandbox has its place until it is known that it will not come.
    root.dataset.sandbox = localStorage.getItem("sandbox") || "";
    ask("/caller")
      .then(function (answer) {
        return answer.ok && answer.clone().json();
      })
      .then(function (caller) {
        if (caller) {
          root.dataset.sandbox = caller.sandbox_only ? "only" : "no";
          localStorage.setItem("sandbox", root.dataset.sandbox);
        }
      })
      .catch(ignore);
    if (/^\/(?:(?:chat|compare|models|generations?)\/)?$/.test(location.pathname)) {
      ask("/models?page_size=1000").catch(ignore);
    }
    var id = new URLSearchParams(location.search).get("id");
    if (location.pathname === "/model/" && id) {
      ask("/models/" + id.split("/").map(encodeURIComponent).join("/")).catch(ignore);
    }
    // What is pressed is kept for src/lib/early.ts, which does it once the page can.
    window.early = [];
    window.keepEarly = function (event) {
      window.early.push(event);
      if ((event.ctrlKey || event.metaKey) && event.key === "k") {
        event.preventDefault();
      }
    };
    addEventListener("keydown", window.keepEarly);
    addEventListener("click", window.keepEarly);
  } else {
    root.dataset.key = "none";
  }

  var dark = matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    var chosen = localStorage.getItem("theme");
    var theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    root.dataset.theme = theme;
  }
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("themechange", paint);
  paint();

  function widen() {
    // src/components/shell/edge.tsx keeps nothing narrower or wider.
    var width = parseInt(localStorage.getItem("sidebar"), 10);
    if (width >= 220 && width <= 360) {
      root.style.setProperty("--sidebar", width + "px");
    }
  }
  addEventListener("storage", widen);
  addEventListener("sidebarchange", widen);
  widen();
})();
