// Says in time that a sign-in is about to end, and extends it with one press. Pages work without it.
(function () {
  "use strict";

  var foot = document.querySelector("[data-ends]");
  var dialog = document.getElementById("ending");
  if (!foot || !dialog || !dialog.showModal) return;
  var WARN = 2 * 60 * 1000;
  var said = document.getElementById("stay-said");
  var timer;

  function wait(ends) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      said.textContent = "";
      dialog.showModal();
    }, Math.max(0, new Date(ends).getTime() - Date.now() - WARN));
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
      function (ends) {
        said.textContent = said.getAttribute("data-kept");
        dialog.close();
        wait(ends);
      },
      function () {
        said.textContent = said.getAttribute("data-failed");
      }
    );
  });

  wait(foot.getAttribute("data-ends"));
})();
