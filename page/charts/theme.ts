/** The tokens of the style sheet as the canvas needs them. */

/** Colours of the tokens, by their name in camel case. */
export interface Theme {
  readonly sheet: string;
  readonly paper: string;
  readonly text: string;
  readonly text2: string;
  readonly text3: string;
  readonly rule: string;
  readonly rule2: string;
  readonly grid: string;
  readonly grid2: string;
  readonly ink: string;
  readonly inkWash: string;
  readonly bad: string;
  readonly badWash: string;
  readonly warn: string;
  readonly warnWash: string;
  readonly ok: string;
  /** `s0` is for all others. */
  readonly s0: string;
  readonly s1: string;
  readonly s2: string;
  readonly s3: string;
  readonly s4: string;
  readonly s5: string;
  readonly s6: string;
  readonly h1: string;
  readonly h2: string;
  readonly h3: string;
  readonly h4: string;
  readonly h5: string;
  /** Family of the font of labels. */
  readonly sans: string;
}

/** Names of colours that lines and marks can have. */
export type Colour = Exclude<keyof Theme, "sans">;

const TOKENS = [
  ..."sheet paper text text2 text3 rule rule2 grid grid2 ink inkWash".split(
    " ",
  ),
  ..."bad badWash warn warnWash ok s0 s1 s2 s3 s4 s5 s6".split(" "),
  ..."h1 h2 h3 h4 h5 sans".split(" "),
] as (keyof Theme)[];

/** Tokens such as `text2` are custom properties such as `--text-2`. */
function propertyOf(token: string): string {
  const spaced = token.replace("Wash", "-wash");
  return "--" + spaced.replace(/^(text|rule|grid)(\d)$/, "$1-$2");
}

/** Reads the tokens; it costs a style pass, so once a theme change. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const theme: Partial<Record<keyof Theme, string>> = {};
  for (const token of TOKENS) {
    theme[token] = style.getPropertyValue(propertyOf(token)).trim();
  }
  return theme as Theme;
}

/** Returns the five colours of a heat map, palest first. */
export function heatColours(theme: Theme): readonly string[] {
  return [theme.h1, theme.h2, theme.h3, theme.h4, theme.h5];
}
