// Takes govuk-frontend's compiled rules and leaves what we use, in our colours.

// Parts of its components that no page of ours has.
const UNUSED = new RegExp(
  [
    "--small", "--inline(?!-)", "__conditional", ":disabled", "\\[disabled\\]", "spin-button", "-moz-", "type=number",
    "__prefix", "__suffix", "__wrapper", "--extra-letter", "--xl", "--s\\b", "caption-", "summary-card", "actions-list",
    "no-border", "hidden-focusable", "focused-element", "--muted", "--inverse", "--text-colour", "--no-", "link-image",
  ].join("|"),
);
// What only looks like one of them.
const KEPT = /--no-actions|:not\([^)]*\)/g;

// Its colours -> ours.
const TOKENS = {
  text: "ink", "secondary-text": "quiet", "inverse-text": "paper", "print-text": "ink", "body-background": "paper",
  "input-border": "line", border: "line", hover: "line", error: "error", success: "good", brand: "brand",
  focus: "focus", "focus-text": "ink", link: "link", "link-visited": "visited", "link-hover": "ink", "link-active": "ink",
  "template-background": "paper", "surface-background": "wash", "surface-text": "ink", "surface-border": "line",
};

// Headings are set at 1.25 in _govuk.scss and all else at 1.5; each script has its own.
const lineHeight = (value) => (Number(value) >= 1.4 ? "var(--leading)" : "var(--tight)");

export const govuk = {
  postcssPlugin: "govuk",
  Once(root) {
    root.walkAtRules("media", (rule) => {
      if (/ms-high-contrast/.test(rule.params)) rule.params = rule.params.replace(/,\s*\(-ms-high-contrast[^)]*\)/, "");
    });
    root.walkAtRules("supports", (rule) => {
      if (/caret-color|padding: max/.test(rule.params)) rule.remove();
    });
    root.walkRules((rule) => {
      const kept = rule.selectors.filter((selector) => !UNUSED.test(selector.replace(KEPT, "")));
      if (!kept.length) return void rule.remove();
      if (kept.length < rule.selectors.length) rule.selectors = kept;
      if (/--govuk-/.test(rule.toString())) {
        rule.walkDecls((decl) => {
          if (decl.prop.startsWith("--govuk-")) decl.remove();
          decl.value = decl.value.replace(/var\(--govuk-([\w-]+?)-colour,[^()]*\)/g, (_, name) => {
            if (!TOKENS[name]) throw new Error(`no token for govuk-frontend's ${name}`);
            return `var(--${TOKENS[name]})`;
          });
        });
      }
    });
    root.walkDecls((decl) => {
      if (/font-smoothing$/.test(decl.prop)) decl.remove();
      else if (decl.prop === "font-family" && decl.value === "inherit" && /govuk/.test(decl.parent.selector)) decl.remove();
      else if (decl.prop === "line-height" && /^[\d.]+$/.test(decl.value) && /govuk/.test(decl.parent.selector))
        decl.value = lineHeight(decl.value);
    });
    let empty = true;
    while (empty) {
      empty = false;
      root.walk((node) => {
        if (node.nodes && !node.nodes.length) (empty = true), node.remove();
      });
    }
  },
};
