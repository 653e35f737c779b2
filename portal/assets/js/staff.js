// Says in time that a sign-in is about to end, and extends it with one press. Pages work without it.
(function () {
  "use strict";

  var foot = document.querySelector("[data-seconds]");
  var dialog = document.getElementById("ending");
  if (!foot || !dialog || !dialog.showModal) return;
  var WARN = 2 * 60 * 1000;
  var said = document.getElementById("stay-said");
  var timer;

  // Seconds that are left, not a moment: the clock of this machine may be wrong.
  function wait(left) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      said.textContent = "";
      dialog.showModal();
    }, Math.max(0, left * 1000 - WARN));
  }

  function stay() {
    var body = new URLSearchParams();
    body.set("csrf_token", foot.getAttribute("data-csrf"));
    return fetch("/staff/stay", { method: "POST", body: body, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error("signed out");
      return answer.text();
    });
  }

  document.getElementById("stay").addEventListener("click", function () {
    stay().then(
      function (left) {
        said.textContent = said.getAttribute("data-kept");
        dialog.close();
        wait(left);
      },
      function () {
        said.textContent = said.getAttribute("data-failed");
      }
    );
  });

  wait(foot.getAttribute("data-seconds"));
})();

// Single keys, for who has not switched them off: the list of keys, the search box, home, up and down in lists.
(function () {
  "use strict";

  if (!document.querySelector("[data-shortcuts]")) return;

  function lines() {
    return Array.prototype.slice.call(document.querySelectorAll("main table a, main .p-waiting a"));
  }

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    var leaving = at.id === "reference" && event.key === "ArrowDown"; // from the box into the list
    if (at.matches("input, select, textarea, dialog *") && !leaving) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") {
      var keys = document.getElementById("keys");
      if (!keys) return;
      keys.open = !keys.open;
      keys.scrollIntoView({ block: "nearest" });
    } else if (event.key === "/") {
      var box = document.getElementById("reference");
      if (!box) {
        location.href = "/staff";
        return;
      }
      box.focus();
    } else if (event.key === "h") {
      location.href = "/staff";
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      var all = lines();
      if (!all.length) return;
      var place = all.indexOf(at);
      var next = event.key === "ArrowDown" ? place + 1 : place - 1;
      (all[Math.max(0, Math.min(next, all.length - 1))]).focus();
    } else {
      return;
    }
    event.preventDefault();
  });
})();
