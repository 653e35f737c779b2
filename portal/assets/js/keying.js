// The keying screen with script: digits answer and go on by themselves, every answer is kept at once.
// Without it the same fields take the same keys, and the server reads them the same way.
(function () {
  "use strict";

  var form = document.getElementById("keying");
  if (!form) return;
  var said = document.getElementById("said");
  var advance = form.hasAttribute("data-advance");
  var token = form.querySelector("[name=csrf_token]").value;
  var RESERVED = [".", "/", "-", "?"];
  var boxes = Array.prototype.slice.call(form.querySelectorAll("[data-question]"));
  var questions = boxes.map(function (box) {
    var data = JSON.parse(box.getAttribute("data-as"));
    data.key = box.getAttribute("data-question");
    data.box = box;
    data.field = box.querySelector(".k-field");
    return data;
  });
  var held = {}; // keys that have not come up again: none answers twice
  var escapes = 0;
  var queue = Promise.resolve();

  function say(text) {
    said.textContent = text;
  }

  // Any script's digits as 0 to 9: every block of decimal digits is ten in a row from a zero.
  function western(text) {
    return text.replace(/\p{Nd}/gu, function (digit) {
      var zero = digit.codePointAt(0);
      while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0) - zero < 9) zero -= 1;
      return String((digit.codePointAt(0) - zero) % 10);
    });
  }

  function numbers(question) {
    var typed = western(question.field.value).replace(/^\*/, "");
    var width = question.digits || 1;
    return (typed.match(/[0-9]+/g) || []).reduce(function (found, part) {
      for (var place = 0; place + width <= part.length; place += width) found.push(part.substr(place, width));
      return found;
    }, []);
  }

  // What the person said, as the conditions look at it: a mark says nothing.
  function answered(question) {
    var typed = western(question.field.value.trim());
    if (!typed || RESERVED.indexOf(typed) >= 0) return [];
    if (question.kind !== "choice") return [typed];
    if (typed.charAt(0) === "*" || typed.charAt(0) === "+") return [];
    return numbers(question)
      .map(function (number) {
        return question.codes[number];
      })
      .filter(Boolean);
  }

  function holds(condition, answers) {
    if (condition[0] === "any") {
      return condition[1].some(function (one) {
        return holds(one, answers);
      });
    }
    var found = answers[condition[1]] || [];
    var hit = condition[2].length
      ? condition[2].some(function (code) {
          return found.indexOf(code) >= 0;
        })
      : found.length > 0;
    return condition[0] === "if" ? hit : !hit;
  }

  // Which questions the answers so far lead to. The server decides again when it saves.
  function reached() {
    var answers = {};
    var ended = false;
    return questions.filter(function (question) {
      if (ended) return false;
      var asked = question.asked.every(function (condition) {
        return holds(condition, answers);
      });
      if (!asked) return false;
      answers[question.key] = answered(question);
      ended = question.ends.some(function (code) {
        return answers[question.key].indexOf(code) >= 0;
      });
      return true;
    });
  }

  function of(field) {
    return questions.filter(function (question) {
      return question.field === field;
    })[0];
  }

  function mark() {
    var now = reached();
    questions.forEach(function (question) {
      question.box.classList.toggle("k-question--apart", now.indexOf(question) < 0);
    });
  }

  function keep(question) {
    var body = new URLSearchParams();
    body.set("csrf_token", token);
    body.set("question", question.key);
    body.set("typed", question.field.value);
    queue = queue.then(function () {
      return fetch(form.getAttribute("data-keep"), { method: "POST", body: body, credentials: "same-origin" }).then(
        function (answer) {
          return answer.text();
        },
        function () {
          return "–";
        }
      );
    });
    queue.then(function (problem) {
      if (problem && problem.length < 200) say(problem);
    });
  }

  function go(question) {
    if (question) question.field.focus();
    else form.querySelector("[name=go][value=save]").focus();
  }

  function next(question) {
    keep(question);
    say("");
    mark();
    var later = reached().filter(function (one) {
      return questions.indexOf(one) > questions.indexOf(question);
    });
    go(later[0]);
  }

  function before(question) {
    var earlier = questions.slice(0, questions.indexOf(question));
    if (earlier.length) go(earlier[earlier.length - 1]);
  }

  function refuse(question) {
    question.box.classList.remove("k-question--refused");
    void question.box.offsetWidth;
    question.box.classList.add("k-question--refused");
    question.field.select();
  }

  // Whether what stands in the field is a whole answer, so that no other key has to end it.
  function whole(question) {
    var typed = western(question.field.value.trim());
    if (RESERVED.indexOf(typed) >= 0) return question.kind !== "text";
    if (question.kind !== "choice" || question.many || !/^[0-9]+$/.test(typed)) return false;
    return typed.length === question.digits;
  }

  form.addEventListener("keydown", function (event) {
    var field = event.target;
    var question = of(field);
    if (event.key !== "Escape") escapes = 0;
    if (event.repeat && (question || event.key === "Enter" || event.key === "F9")) {
      event.preventDefault();
      return;
    }
    if (event.key === "F9") {
      event.preventDefault();
      form.querySelector("[name=go][value=save]").click();
    } else if (event.key === "F1") {
      event.preventDefault();
      var sheet = document.getElementById("sheet");
      sheet.open = !sheet.open;
      if (sheet.open) sheet.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Escape") {
      escapes += 1;
      if (escapes > 1) location.href = form.getAttribute("data-leave");
    } else if (question) {
      answer(event, question);
    }
  });

  function answer(event, question) {
    if (event.key === "Enter") {
      event.preventDefault();
      if (question.field.value.trim()) next(question);
      else refuse(question);
    } else if (event.key === "F2") {
      event.preventDefault();
      question.field.value = "?";
      next(question);
    } else if (event.key === "ArrowUp" || (event.key === "Backspace" && !question.field.value)) {
      event.preventDefault();
      before(question);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      if (question.field.value.trim()) next(question);
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (held[event.code]) event.preventDefault();
      else held[event.code] = true;
    }
  }

  document.addEventListener("keyup", function (event) {
    delete held[event.code];
  });
  window.addEventListener("blur", function () {
    held = {};
  });

  // Pasted digits and those of an input method come without a key: they count here too.
  form.addEventListener("input", function (event) {
    var question = of(event.target);
    if (!question || !advance) return;
    if (!whole(question)) return;
    var typed = western(question.field.value.trim());
    if (/^[0-9]+$/.test(typed) && !question.codes[typed]) refuse(question);
    else next(question);
  });

  // Typing in a field that has an answer replaces it.
  form.addEventListener("focusin", function (event) {
    var question = of(event.target);
    if (!question) return;
    question.field.select();
    question.box.scrollIntoView({ block: "nearest" });
  });

  form.addEventListener("change", mark);
  mark();
  form.querySelector("[autofocus]").focus(); // the first that is wrong, else the first
})();
