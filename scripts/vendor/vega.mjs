// All that chart.js needs of Vega, as one module.
export { default as embed } from "vega-embed";
export { expressionInterpreter } from "vega-interpreter";
