//! Everything that the description promises, as something that can be asked.

use crate::world::{BASE, NOW};
use crate::{Answer, World};
use engine::Role;
use reqwest::Method;
use serde_json::{Value, json};

/// The description, and what it describes, about things that are there.
pub(crate) struct Described {
    pub(crate) document: Value,
    pub(crate) operations: Vec<Operation>,
}

pub(crate) struct Operation {
    pub(crate) method: Method,
    /// As it is described, below the path of the API.
    pub(crate) path: String,
    /// As it is asked.
    pub(crate) end: String,
    pub(crate) body: Option<String>,
    pub(crate) described: Value,
}

impl Described {
    pub(crate) async fn by(world: &World) -> Self {
        world.save("run-1", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
        let many = json!({"companies": ["Acme"]});
        let bulk = world.post("/buyer-group/bulk", &[], Some(&many)).await.json();
        let document = world.send(Method::GET, "/openapi.json", &[], None).await.ok();
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let Some(path) = path.strip_prefix(BASE) else { continue };
            for (method, described) in methods.as_object().unwrap() {
                let id = if path.starts_with("/bulk") { bulk["id"].as_str().unwrap() } else { "crm:run-1" };
                let filled = path.replace("{source}", "crm").replace("{event}", "run-1").replace("{id}", id);
                let of_a_company = is_page(path) || (path == "/buyer-group" && method == "get");
                let body = match path {
                    "/buyer-group/bulk" => many.clone(),
                    "/buyer-group/refresh" => json!({"company": "Acme"}),
                    _ => json!({"companyName": "Acme"}),
                };
                operations.push(Operation {
                    method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                    path: path.to_owned(),
                    end: filled + if of_a_company { "?company=co_1" } else { "" },
                    body: described.get("requestBody").map(|_| body.to_string()),
                    described: described.clone(),
                });
            }
        }
        assert_eq!(operations.len(), 17, "an operation came or went");
        Self { document, operations }
    }
}

impl Operation {
    /// Asks it, with this key or none.
    pub(crate) async fn ask(&self, world: &World, key: Option<&str>) -> Answer {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        world.send(self.method.clone(), &format!("{BASE}{}", self.end), &headers, self.body.as_deref()).await
    }

    pub(crate) fn is_page(&self) -> bool {
        is_page(&self.path)
    }
}

fn is_page(path: &str) -> bool {
    path == "/buyer-group/report"
}
