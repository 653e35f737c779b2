// Three conveniences; every page works without them. The behaviours and the markup
// they look for are govuk-frontend's (error-summary, button, checkboxes).
(function () {
  "use strict";

  document.documentElement.className += " js";

  function each(selector, use) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), use);
  }

  // Errors: the summary takes the focus, so it is read first; its links go to the
  // control and show the question above it.
  each(".govuk-error-summary", function (summary) {
    summary.setAttribute("tabindex", "-1");
    summary.addEventListener("blur", function () {
      summary.removeAttribute("tabindex");
    });
    summary.addEventListener("click", function (event) {
      var control = event.target.hash && document.getElementById(event.target.hash.slice(1));
      if (!control) return;
      var group = control.closest("fieldset") || control.parentNode;
      event.preventDefault();
      (group.querySelector("legend, label") || group).scrollIntoView();
      control.focus({ preventScroll: true });
    });
    summary.focus();
  });

  // Sending twice: a second click within a second does nothing.
  each("[data-prevent-double-click]", function (button) {
    var last = -1000;
    button.addEventListener("click", function (event) {
      if (event.timeStamp - last < 1000) event.preventDefault();
      else last = event.timeStamp;
    });
  });

  // "None of these" unticks the others, and any other unticks it.
  each('[data-module="govuk-checkboxes"]', function (list) {
    list.addEventListener("change", function (event) {
      var ticked = event.target;
      if (!ticked.checked) return;
      each('input[type="checkbox"]', function (other) {
        var exclusive = ticked.hasAttribute("data-behaviour") || other.hasAttribute("data-behaviour");
        if (other !== ticked && other.name === ticked.name && other.form === ticked.form && exclusive) {
          other.checked = false;
        }
      });
    });
  });
})();
