// Upload form: tell that a file is too large before sending it. Upload page: follow the progress.
(function () {
  "use strict";

  var form = document.getElementById("upload-form");
  if (form) {
    var warning = document.getElementById("too-large");
    var isTooLarge = function () {
      var file = form.elements.file.files[0];
      return Boolean(file) && file.size > Number(form.dataset.mostBytes);
    };
    form.elements.file.addEventListener("change", function () {
      warning.classList.toggle("hidden", !isTooLarge());
    });
    form.addEventListener("submit", function (event) {
      if (isTooLarge()) {
        event.preventDefault();
      } else {
        form.querySelector("button[type=submit]").disabled = true;
      }
    });
    // Coming back to the form by the history must not leave the button dead.
    window.addEventListener("pageshow", function () {
      form.querySelector("button[type=submit]").disabled = false;
    });
  }

  var section = document.querySelector("[data-progress]");
  if (!section) {
    return;
  }

  function put(name, value) {
    var place = section.querySelector('[data-count="' + name + '"]');
    if (place) {
      place.textContent = String(value);
    }
  }

  function row(counted) {
    var line = document.createElement("tr");
    [["Payments", counted.word, ""], ["Number", counted.count, "number count"]].forEach(function (cell) {
      var place = document.createElement("td");
      place.dataset.label = cell[0];
      place.textContent = String(cell[1]);
      place.className = cell[2];
      line.appendChild(place);
    });
    return line;
  }

  function show(state) {
    if (state.finished || state.status !== section.dataset.status) {
      window.location.reload();
      return false;
    }
    put("checked", state.checked);
    put("loaded", state.loaded);
    var bar = section.querySelector("progress");
    if (bar) {
      bar.value = state.loaded;
    }
    var payments = section.querySelector("[data-payments]");
    if (payments) {
      payments.replaceChildren.apply(payments, state.payments.map(row));
    }
    return true;
  }

  function follow() {
    fetch(section.dataset.progress, {
      credentials: "same-origin",
      headers: { Accept: "application/json" }
    })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error("status " + answer.status);
        }
        return answer.json();
      })
      .then(show, function () { return true; })
      .then(function (more) {
        if (more) {
          window.setTimeout(follow, 1000);
        }
      });
  }

  window.setTimeout(follow, 1000);
})();
