// The page of the API: start Swagger UI, in the page's own light, and let no live key out.
"use strict";

(() => {
  const LIVE = "sk_live_";
  const root = document.documentElement;
  const place = document.getElementById("api-docs");
  const refused = document.getElementById("api-refused");

  const shade = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
  new MutationObserver(shade).observe(root, { attributeFilter: ["data-bs-theme"] });
  shade();

  const holdsLiveKey = (...texts) => texts.some((text) => String(text ?? "").includes(LIVE));

  const refuse = () => { refused.hidden = false; };

  // A live key is not even kept: what "Authorize" is given does not arrive.
  const keepsNoLiveKey = () => ({
    statePlugins: {
      auth: {
        wrapActions: {
          authorizeWithPersistOption: (authorize) => (given) => {
            refused.hidden = true;
            if (holdsLiveKey(...Object.values(given).map(({ value }) => value))) refuse();
            else authorize(given);
          },
        },
      },
    },
  });

  const sendsNoLiveKey = (request) => {
    refused.hidden = true;
    if (holdsLiveKey(request.url, JSON.stringify(request.headers), request.body)) {
      refuse();
      throw new Error(refused.textContent.trim());
    }
    return request;
  };

  // What a screen reader misses in Swagger UI: names, a level of headings, no link within a button.
  const readsAloud = ({ React: { createElement, Fragment } }) => ({
    components: {
      DeepLink: ({ text }) => createElement("span", null, text),
    },
    wrapComponents: {
      Button: (Button) => ({ "aria-label": name, ...rest }) =>
        createElement(Button, rest.type === "submit" ? rest : { ...rest, "aria-label": name }),
      CloseIcon: (Icon) => (given) =>
        createElement("span", { role: "img", "aria-label": "Close" }, createElement(Icon, given)),
      RequestBodyEditor: (Editor) => (given) =>
        createElement("label", { className: "api-field" }, "Body", createElement(Editor, given)),
      operations: (Operations) => (given) =>
        createElement(Fragment, null,
          createElement("h2", { className: "api-part" }, "Operations"),
          createElement(Operations, given)),
    },
  });

  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.url,
    validatorUrl: null,
    deepLinking: true,
    persistAuthorization: false,
    layout: "BaseLayout",
    defaultModelsExpandDepth: 0,
    // A request that is refused has no changed form; Swagger UI would fail to show it.
    showMutatedRequest: false,
    plugins: [keepsNoLiveKey, readsAloud],
    requestInterceptor: sendsNoLiveKey,
  });
})();
