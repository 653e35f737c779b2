// The scan beside the fields: it goes along with the question in hand, and is attached without a new page.
(function () {
  "use strict";

  var form = document.getElementById("keying");
  var panel = document.getElementById("scans");
  var input = document.getElementById("scan");
  if (!form || !panel || !input) return;
  var button = form.querySelector("[formenctype]");
  var error = document.getElementById("scan-said");
  var mark = document.createElement("span");
  mark.className = "k-mark";
  var last = null;

  function unmark() {
    if (mark.parentNode) mark.parentNode.removeChild(mark);
  }

  // data-rect: page, then left, top, right and bottom as shares of the page
  function follow(field) {
    var box = field && field.closest ? field.closest("[data-question]") : null;
    if (!box) return;
    last = field;
    var place = (box.getAttribute("data-rect") || "").split(" ").map(Number);
    var page = panel.querySelectorAll(".k-page")[place[0] - 1];
    unmark();
    if (!page) return;
    mark.style.left = 100 * place[1] + "%";
    mark.style.top = 100 * place[2] + "%";
    mark.style.width = 100 * (place[3] - place[1]) + "%";
    mark.style.height = 100 * (place[4] - place[2]) + "%";
    page.appendChild(mark);
    panel.scrollTop = page.offsetTop + mark.offsetTop - panel.clientHeight / 3;
  }

  // a button of the form: what is typed goes with it, as without script
  function removing(one) {
    var remove = document.createElement("button");
    remove.type = "submit";
    remove.className = "p-plain-button";
    remove.setAttribute("form", form.id);
    remove.setAttribute("formaction", one.src + "/remove");
    remove.formNoValidate = true;
    remove.textContent = one.remove;
    return remove;
  }

  function draw(pictures) {
    unmark();
    while (panel.firstChild) panel.removeChild(panel.firstChild);
    pictures.forEach(function (one) {
      var page = document.createElement("div");
      var link = document.createElement("a");
      var picture = document.createElement("img");
      page.className = "k-page";
      link.href = picture.src = one.src;
      link.target = "_blank";
      picture.width = one.width;
      picture.height = one.height;
      picture.alt = one.text;
      link.appendChild(picture);
      page.appendChild(link);
      panel.appendChild(page);
      panel.appendChild(removing(one));
    });
    panel.hidden = !pictures.length;
    panel.parentNode.classList.toggle("k-desk--scan", pictures.length > 0);
    document.getElementById("main").classList.toggle("p-main--wide", pictures.length > 0);
  }

  function say(words) {
    error.textContent = words;
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  function attach() {
    if (!input.files.length) return;
    var body = new FormData(form);
    input.disabled = true;
    say("");
    fetch(button.formAction, {
      method: "POST",
      body: body,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    })
      .then(function (answer) {
        return answer.json();
      })
      .catch(function () {
        return { refused: input.getAttribute("data-failed") };
      })
      .then(function (found) {
        input.disabled = false;
        input.value = "";
        say(found.refused);
        if (found.pictures) draw(found.pictures);
        if (found.refused) input.focus();
        else if (last) last.focus();
        follow(last);
      });
  }

  form.addEventListener("focusin", function (event) {
    follow(event.target);
  });
  input.addEventListener("change", attach);
  button.hidden = true;
  follow(document.activeElement);
})();
