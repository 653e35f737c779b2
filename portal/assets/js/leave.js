// Leaving a page at once, more time before answers are deleted, and nothing to see on the way back.
// The way out is a link, the time stands on the page: all of it works without this.
(function () {
  "use strict";

  var way = document.querySelector(".govuk-exit-this-page");
  if (!way) return;
  var link = way.querySelector("a");
  var status = way.parentNode.querySelector("[role=status]");

  function words(name) {
    return way.getAttribute("data-i18n." + name) || "";
  }

  function blank(text) {
    document.title = location.hostname;
    document.body.textContent = "";
    status.textContent = text;
    document.body.appendChild(status);
  }

  function leave() {
    var there = link.href;
    blank(words("activated"));
    location.replace(there); // this page is no longer in the history of this window
  }

  Array.prototype.forEach.call(document.querySelectorAll(".govuk-js-exit-this-page-button"), function (one) {
    one.addEventListener("click", function (event) {
      event.preventDefault();
      leave();
    });
  });

  // Shift, three times within five seconds and nothing else between. Never on touch keyboards: they press
  // Shift by themselves at the beginning of a sentence.
  var presses = 0;
  var alone = false;
  var timer;

  function forget() {
    clearTimeout(timer);
    presses = 0;
    alone = false;
  }

  addEventListener("pointerdown", forget);
  addEventListener("keydown", function (event) {
    if (event.repeat && event.key === "Shift") return;
    var other = event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey;
    if (other || matchMedia("(pointer: coarse)").matches) forget();
    else alone = true;
  });
  addEventListener("keyup", function (event) {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    presses += 1;
    clearTimeout(timer);
    if (presses === 3) return leave();
    status.textContent = words(presses === 1 ? "press-two-more-times" : "press-one-more-time");
    timer = setTimeout(function () {
      forget();
      status.textContent = words("timed-out");
    }, 5000);
  });

  // A page that the browser kept whole is not shown again as it was.
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    blank("");
    location.reload();
  });

  // Two minutes before the end, or half of what is left, the page asks; at the end it is cleared.
  var dialog = document.getElementById("ending");
  if (!dialog) return;
  var left = dialog.getAttribute("data-seconds") * 1000;
  var began = Date.now();
  var ask = left - Math.min(2 * 60 * 1000, left / 2);
  var clock;

  function look() {
    clearTimeout(clock);
    var gone = Date.now() - began;
    if (gone >= left) {
      document.querySelector("main button[value=clear]").click();
      return;
    }
    if (gone >= ask && dialog.showModal && !dialog.open) {
      dialog.hidden = false;
      dialog.showModal();
    }
    clock = setTimeout(look, (gone < ask ? ask : left) - gone);
  }

  addEventListener("visibilitychange", look); // timers stand still while a machine sleeps
  look();
})();
