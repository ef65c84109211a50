// The typesetter and its styles, apart, so that they are loaded with the first formula.
import "katex/dist/katex.min.css";

export { default } from "katex";
