using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  # A free port, which workerd tells the test.
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "target/edge/worker.js"),
    (name = "program.wasm", wasm = embed "target/edge/program.wasm"),
  ],
  bindings = [(name = "SESSION_KEYS", fromEnvironment = "SESSION_KEYS")],
  compatibilityDate = "2026-05-01",
);
