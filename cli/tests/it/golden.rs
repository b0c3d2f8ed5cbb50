//! The golden tokens, each with its reason.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::Folder;

struct Case(String, Vec<(String, String)>);

impl Case {
    fn all(folder: &str) -> Vec<Case> {
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
        let cases = fs::read_dir(vectors.join(folder)).unwrap().map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path).unwrap();
            let line = |line: &str| {
                let (name, value) = line.split_once(':').unwrap();
                (name.to_owned(), value.trim_start_matches(' ').to_owned())
            };
            Case(name, text.lines().map(line).collect())
        });
        cases.collect()
    }

    fn get(&self, name: &str) -> &str {
        let line = self.1.iter().find(|line| line.0 == name);
        line.map_or("", |line| &line.1)
    }

    /// The text of its keys.
    fn keys(&self) -> String {
        let keys = self.get("keys").split(", ").map(|key| {
            let mut parts = key.split(' ');
            let (first, secret) = (parts.next().unwrap(), parts.next());
            match (secret, parts.next()) {
                (None, _) => first.to_owned(),
                (Some(secret), None) => {
                    format!(r#"{{"kty":"oct","alg":"{first}","k":"{secret}"}}"#)
                }
                (Some(secret), Some(kid)) => {
                    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
                    let kid = String::from_utf8(URL_SAFE_NO_PAD.decode(kid).unwrap()).unwrap();
                    let kid = serde_json::Value::from(kid);
                    format!(r#"{{"kty":"oct","alg":"{first}","k":"{secret}","kid":{kid}}}"#)
                }
            }
        });
        keys.collect::<Vec<_>>().join(",")
    }

    fn args(&self) -> Vec<String> {
        let seconds = |name: &str| format!("{}s", self.get(name));
        let lifetime = match self.get("idle") {
            "" => seconds("absolute"),
            idle => format!("{idle}s,{}", seconds("absolute")),
        };
        let mut args = vec![
            "inspect".to_owned(),
            "--json".to_owned(),
            "--cookie=s".to_owned(),
            "--keys=keys".to_owned(),
            format!("--format={}", self.get("format")),
            format!("--name={}", self.get("name")),
            format!("--at={}", self.get("now")),
            format!("--skew={}", seconds("skew")),
            format!("--lifetime={lifetime}"),
        ];
        for name in ["context", "issuer"] {
            if !self.get(name).is_empty() {
                args.push(format!("--{name}={}", self.get(name)));
            }
        }
        args
    }
}

/// Values that are JSON, and not what the golden sessions hold: what a type reads only its program knows.
const OF_ANOTHER_TYPE: [&str; 4] = [
    "of-a-fraction",
    "of-an-exponent",
    "of-another-type",
    "of-minus-zero",
];

#[test]
fn each_golden_token_opens_or_is_refused_for_its_reason() {
    let folder = Folder::new();
    let cases = Case::all("golden");
    assert!(cases.len() >= 234, "some are missing");
    let mut others = Vec::new();
    let mut reasons = BTreeSet::new();
    for case in &cases {
        folder.file("keys", &case.keys());
        let args = case.args();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        // As a cookie's value a token may be of any characters, or of none.
        let ran = folder.pipe(&args, format!("Cookie: s={}\n", case.get("token")));
        let is_of_another_type = OF_ANOTHER_TYPE.iter().any(|name| case.0.ends_with(name));
        let expected = match case.get("expect") {
            "value" if is_of_another_type => "ok",
            // What is around a cookie's value is no part of it.
            "malformed" if case.0.ends_with("with-a-space") => "ok",
            expected => expected,
        };
        if case.0.ends_with("deepest-value") {
            // With the report around it, it is deeper than what serde_json reads.
            assert_eq!((ran.status, case.get("expect")), (0, "ok"));
            continue;
        }
        let report: serde_json::Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}: {ran:?}", case.0));
        let reason = report[0]["refused"].as_str().unwrap_or("ok");
        let status = i32::from(reason != "ok");
        if reason != expected || ran.status != status {
            others.push(format!("{}: {reason}, {}", case.0, ran.status));
        }
        if reason == "ok" && case.get("expect") == "ok" {
            let value: serde_json::Value = serde_json::from_str(case.get("value")).unwrap();
            assert_eq!(report[0]["value"], value, "{}", case.0);
            assert_eq!(report[0]["session"]["id"], case.get("id"), "{}", case.0);
        } else if reason != "ok" {
            assert!(report[0].get("value").is_none(), "{}", case.0);
            assert_ne!(report[0]["detail"], "", "{}", case.0);
        }
        reasons.insert(reason.to_owned());
    }
    assert_eq!(others, [""; 0]);
    assert!(reasons.len() >= 9, "{reasons:?}");
}
