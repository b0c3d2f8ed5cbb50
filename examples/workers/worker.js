// What `worker-build` writes for a deployment, as short as it can be.
import * as program from "./target/edge/program.js";
import code from "program.wasm";

program.initSync({ module: code });

export default { fetch: program.fetch };
