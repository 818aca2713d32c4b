/** Copies texts; also where the page comes by plain http. */
import { h, setText } from "./dom.ts";

/** Milliseconds for which a button says "Copied". */
const SHOWN = 1_200;

async function copyText(text: string): Promise<boolean> {
  // Browsers offer the clipboard to https and to loopback alone.
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused, for instance by a policy of the frame: the old way may work.
    }
  }
  const before = document.activeElement;
  const area = h("textarea", { class: "unseen", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isCopied;
}

const words = new WeakMap<HTMLElement, { text: string; timer: number }>();

/** Copies a text and says so on the button for a moment. */
export async function copy(
  text: string,
  button: HTMLElement,
  announce: (text: string) => void,
): Promise<void> {
  const isCopied = await copyText(text);
  const word = isCopied ? "Copied" : "Cannot copy";
  const before = words.get(button);
  if (before !== undefined) clearTimeout(before.timer);
  const original = before?.text ?? button.textContent ?? "";
  setText(button, word);
  announce(word);
  const timer = setTimeout(() => {
    words.delete(button);
    setText(button, original);
  }, SHOWN);
  words.set(button, { text: original, timer });
}
