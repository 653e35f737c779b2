// Left and right become start and end, so that one sheet serves both directions, on a
// whole page or on one paragraph of it. Only longhands that Chrome 69 and Safari 12.1
// know: no margin-inline, no inset.
//
// left and right themselves became logical late (Chrome 87, Safari 14.1), and without
// them a radio's ring lies over its words. So those get a twin in plain left and right
// for browsers that need it, and nobody else reads.
import postcss from "postcss";

const SIDES = { left: "start", right: "end" };
const OTHER = { left: "right", right: "left" };
const BOX = /^(margin|padding)$/;
const BORDER = /^border-(width|style|color)$/;

function fourValues(value) {
  const [top, right = top, bottom = top, left = right] = postcss.list.space(value);
  return { top, right, bottom, left };
}

function splitBox(decl) {
  // A turned box is a drawing (a tick, a chevron): its sides are not the text's.
  if (decl.parent.some((other) => other.prop === "transform")) return;
  const sides = fourValues(decl.value);
  if (sides.left === sides.right) return;
  const [head, tail] = decl.prop.startsWith("border-") ? ["border", decl.prop.slice(6)] : [decl.prop, ""];
  for (const [side, value] of Object.entries(sides)) {
    const name = SIDES[side] ? `inline-${SIDES[side]}` : side;
    decl.cloneBefore({ prop: `${head}-${name}${tail}`, value });
  }
  decl.remove();
}

export const logical = {
  postcssPlugin: "logical",
  OnceExit(root) {
    const physical = [];
    root.walkDecls((decl) => {
      const side = /^(margin|padding|border)-(left|right)(-(width|style|color))?$/.exec(decl.prop);
      if (side) decl.prop = `${side[1]}-inline-${SIDES[side[2]]}${side[3] || ""}`;
      else if (BOX.test(decl.prop) || BORDER.test(decl.prop)) splitBox(decl);
      else if (decl.prop === "text-align" && SIDES[decl.value]) decl.value = SIDES[decl.value];
      else if (SIDES[decl.prop]) decl.prop = `inset-inline-${SIDES[decl.prop]}`;
    });
    root.walkDecls(/^inset-inline-(start|end)$/, (decl) => physical.push(decl));
    if (!physical.length) return;

    const fallback = postcss.atRule({ name: "supports", params: "not (inset-inline-end:0)" });
    for (const decl of physical) {
      const side = decl.prop.endsWith("start") ? "left" : "right";
      const { selectors } = decl.parent;
      fallback.append(postcss.rule({ selectors }).append({ prop: side, value: decl.value }));
      fallback.append(
        postcss
          .rule({ selectors: selectors.map((selector) => `[dir=rtl] ${selector}`) })
          .append({ prop: side, value: "auto" }, { prop: OTHER[side], value: decl.value }),
      );
    }
    root.append(fallback);
  },
};
