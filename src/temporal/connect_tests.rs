#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use std::collections::HashMap;
use temporalio_client::envconfig::DataSource;

fn profile(toml: &str, env: &[(&str, &str)]) -> ClientConfigProfile {
    let options =
        LoadClientConfigProfileOptions::builder().config_source(DataSource::Data(toml.as_bytes().to_vec())).build();
    let env: HashMap<String, String> =
        env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load_client_config_profile(options, Some(&env)).unwrap()
}

#[test]
fn a_server_is_named_by_variable_or_profile_and_by_nothing_else() {
    assert_eq!(named_server(profile("", &[])), None);
    assert_eq!(named_server(profile("", &[("TEMPORAL_NAMESPACE", "n"), ("TEMPORAL_ADDRESS", "")])), None);
    let by_variable = named_server(profile("", &[("TEMPORAL_ADDRESS", "h:1")])).unwrap();
    assert_eq!(by_variable, NamedServer { address: "h:1".into(), namespace: None });
    let toml = "[profile.prod]\naddress = 'p:2'\nnamespace = 'n'\n";
    let by_profile = named_server(profile(toml, &[("TEMPORAL_PROFILE", "prod")])).unwrap();
    assert_eq!(by_profile, NamedServer { address: "p:2".into(), namespace: Some("n".into()) });
    assert_eq!(named_server(profile(toml, &[])), None);
}

#[tokio::test]
async fn patience_ends_with_a_message_that_names_the_server() {
    let mut options = ConnectOptions::local("http://127.0.0.1:9".into(), "default".into());
    options.patience = Duration::from_millis(400);
    let begin = Instant::now();
    let error = format!("{:#}", connect_with(&options).await.unwrap_err());
    assert!(begin.elapsed() >= Duration::from_millis(200), "it is tried again");
    assert!(error.contains("http://127.0.0.1:9") && error.contains("TEMPORAL_ADDRESS"), "{error}");
    assert!(error.to_lowercase().contains("refused"), "the cause is told: {error}");
}

#[test]
fn refusals_last_and_outages_pass() {
    let lasting = |status: Status| matches!(refused(&status), Problem::Lasting(_));
    assert!(lasting(Status::unauthenticated("")) && lasting(Status::permission_denied("")));
    assert!(!lasting(Status::unavailable("")) && !lasting(Status::deadline_exceeded("")));
}

#[test]
fn the_identity_names_program_host_and_process() {
    let identity = identity();
    assert!(
        identity.starts_with("buyer-group@") && identity.ends_with(&format!(":{}", std::process::id())),
        "{identity}"
    );
}
