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
