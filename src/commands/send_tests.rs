//! `send` in every scheme, to a starter on a socket. In place of Temporal stands somebody who takes everything.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::config::{Overrides, Surroundings};
use crate::wiring;
use contracts::StartRequest;
use starter::{AppState, StartAnswer, StartRefresh, Starting};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::net::TcpListener;

struct Taker;

impl StartRefresh for Taker {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            let workflow_id = request.workflow_id();
            Ok(StartAnswer::Started { workflow_id, run_id: "run".into() })
        })
    }
}

/// The key pair of RFC 8032, section 7.1, TEST 2.
const PUBLIC: &str = "whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
const PRIVATE: &str = "whsk_TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=";

fn secret(preset: Preset) -> String {
    match preset {
        Preset::StandardWebhooksEd25519 => PUBLIC.to_owned(),
        // Base64 under the schemes that decode it, and long enough under the others; no two are equal.
        _ => format!("{:A<40}", preset.as_str().replace('_', "")),
    }
}

#[tokio::test]
async fn every_scheme_is_signed_and_accepted_at_the_sources_address() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut text = format!("[starter]\nlisten = '{address}'\npublic_url = 'https://hooks.example.com'\n");
    for preset in Preset::ALL.iter().copied() {
        let proof = match preset {
            Preset::Unsigned => "i_accept_unsigned_events = true".to_owned(),
            _ => format!("secret = '{}'", secret(preset)),
        };
        let name = preset.as_str().replace('_', "-");
        writeln!(text, "[[sources]]\nname = '{name}'\nscheme = '{preset}'\n{proof}").unwrap();
    }
    file("bgr.toml", &text);
    let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
    let settings = Settings::load_in(&Overrides::default(), &around).unwrap().settings;
    let sources = wiring::webhook_sources(&settings, None).unwrap();
    let app = AppState::new(sources, Arc::new(Taker));
    tokio::spawn(async move { starter::serve(listener, app, std::future::pending()).await });

    for preset in Preset::ALL.iter().copied() {
        let name = preset.as_str().replace('_', "-");
        let event = crate::sample::event("evt_1", jiff::Timestamp::now(), &name).unwrap();
        let mut args = SendArgs {
            event: Some(file("event.json", std::str::from_utf8(&event).unwrap())),
            tamper: None,
            url: None,
            source: None,
            scheme: None,
            secret_file: (preset == Preset::StandardWebhooksEd25519).then(|| file("private", PRIVATE)),
            delivery_id: None,
        };
        assert_eq!(run(&args, &settings, Output::Json).await.unwrap(), Exit::Done, "{preset}");
        if preset != Preset::Unsigned {
            args.secret_file = Some(file(
                "wrong",
                &if args.secret_file.is_some() { PRIVATE.replace("TM0", "TM1") } else { "B".repeat(40) },
            ));
            assert_eq!(run(&args, &settings, Output::Json).await.unwrap(), Exit::Failed, "{preset}");
        }
        // The same without a configured source.
        args.secret_file = (preset != Preset::Unsigned).then(|| {
            file("key", &if preset == Preset::StandardWebhooksEd25519 { PRIVATE.into() } else { secret(preset) })
        });
        args.scheme = Some(preset);
        args.url = Some(format!("http://{address}/api/webhooks/demo/{name}"));
        assert_eq!(run(&args, &settings, Output::Json).await.unwrap(), Exit::Done, "{preset} as a stranger");
    }
}

#[tokio::test]
async fn what_cannot_be_signed_is_said_before_anything_is_sent() {
    let settings = Settings::load_in(&Overrides::default(), &Surroundings::default()).unwrap().settings;
    let source = SourceSettings::new("crm".parse().unwrap(), "demo".parse().unwrap(), Preset::Stripe.scheme().unwrap());
    let fault = format!("{:#}", Delivery::of(&settings, &source).unwrap_err());
    assert!(fault.contains("\"crm\"") && fault.contains("`stripe` signs with a secret"), "{fault}");
    assert!(preset("strpe").unwrap_err().contains("stripe"));
}
