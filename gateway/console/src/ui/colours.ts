// The colours of Kehu, light and dark. Each text pair is at least 4.5:1, each control's edge at least 3:1.

export const light = {
  canvas: "#f3f4f7",
  sheet: "#ffffff",
  sunk: "#f7f8fa",
  line: "#e4e7ec",
  softLine: "#eef0f3",
  fieldEdge: "#878f9e",
  buttonEdge: "#cfd4dd",
  text: "#1a2030",
  text2: "#525b6c",
  text3: "#636c7c",
  primary: "#2453d4",
  primaryHover: "#1c45b8",
  primaryActive: "#163996",
  link: "#2453d4",
  blue: "#1d46b8",
  blueGround: "#eaf0fe",
  blueLine: "#b9cbfa",
  red: "#b3141c",
  redGlyph: "#c81e1e",
  redGround: "#fdecec",
  redLine: "#f3bcbc",
  danger: "#c81e1e",
  dangerHover: "#a91818",
  amber: "#8a4b00",
  amberGround: "#fff1d6",
  amberLine: "#f0cf94",
  green: "#0d6b3f",
  greenGround: "#e4f5ec",
  greenLine: "#a9dcc0",
  fill: "#eef0f3",
  mask: "rgba(16,20,30,.42)",
  shadow: "0 6px 16px -4px rgba(20,28,45,.14), 0 2px 6px rgba(20,28,45,.06)",
};

export const dark: typeof light = {
  canvas: "#0e1116",
  sheet: "#161a21",
  sunk: "#1c2129",
  line: "#2a303b",
  softLine: "#222833",
  fieldEdge: "#6b7486",
  buttonEdge: "#39414f",
  text: "#e7eaf0",
  text2: "#aab1bf",
  text3: "#8f97a6",
  primary: "#3a64e0",
  primaryHover: "#3159d0",
  primaryActive: "#2a4eb8",
  link: "#9db8ff",
  blue: "#9db8ff",
  blueGround: "#1c2748",
  blueLine: "#34488a",
  red: "#ff9c96",
  redGlyph: "#ff7b74",
  redGround: "#42191c",
  redLine: "#6b2b2e",
  danger: "#c8332f",
  dangerHover: "#b32b28",
  amber: "#f2b866",
  amberGround: "#38290f",
  amberLine: "#5d4518",
  green: "#74d3a0",
  greenGround: "#11301f",
  greenLine: "#1f5236",
  fill: "#262c36",
  mask: "rgba(0,0,0,.6)",
  shadow: "0 6px 16px -4px rgba(0,0,0,.5)",
};

export type Colours = typeof light;

/** Categories of charts, in this order; at most six. */
export const chartColours = {
  light: ["#2453d4", "#df6913", "#04a88a", "#b16ec4", "#59420d", "#19254d"],
  dark: ["#7e9dfc", "#f95e13", "#419587", "#eaa6e8", "#e2d03e", "#c9cacb"],
};

/** Ordered things such as stages: one hue. */
export const orderedColours = {
  light: ["#6f90ea", "#5a7fe4", "#4469dc", "#2f57cf", "#2247b4", "#183691"],
  dark: ["#5068b4", "#5c77cc", "#6c88e0", "#7e9dfc", "#9bb4ff", "#bccdff"],
};
