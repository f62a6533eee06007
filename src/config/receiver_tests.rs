//! Receivers: where they are told, and faults that name the field and the remedy.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::tests::{Place, entry};
use activities::notify::Channel;
use contracts::NotificationKind;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const PREVIOUS: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

#[test]
fn receivers_are_told_over_webhooks_and_in_slack() {
    let text = format!(
        "[[receivers]]\nname = 'crm'\nurl = 'https://crm.example.com/hook'\nsecret_file = 'crm'\n\
         previous_secret = '{PREVIOUS}'\ncontact_data = true\n\
         [[receivers]]\nname = 'sales'\nkind = 'slack'\nurl_file = 'slack'\nevents = ['refresh.failed']\n"
    );
    let place = Place::new()
        .file("bgr.toml", &text)
        .file("crm", &format!("{SECRET}\n"))
        .file("slack", "https://hooks.slack.com/services/T0/B0/hunter2\n");
    let loaded = place.load();
    let [crm, sales] = &loaded.settings.receivers[..] else { panic!("{:?}", loaded.settings.receivers) };
    assert_eq!((crm.channel, crm.secrets.len(), crm.contact_data), (Channel::Webhook, 2, true));
    assert_eq!(crm.events.iter().copied().collect::<Vec<_>>(), NotificationKind::ALL);
    assert_eq!((sales.channel, sales.secrets.len(), sales.contact_data), (Channel::Slack, 0, false));
    assert_eq!(sales.events.iter().copied().collect::<Vec<_>>(), [NotificationKind::RefreshFailed]);
    assert_eq!(entry(&loaded, "receivers.sales.url").value, "set (46 bytes)");
    assert!(!format!("{:?} {:?}", loaded.settings, loaded.origins).contains("hunter2"));
}

#[test]
fn faults_of_receivers_name_the_field_and_the_remedy() {
    let url = "url = 'https://crm.example.com/hunter2'";
    let secret = format!("secret = '{SECRET}'");
    let both = format!("{url}\n{secret}");
    let cases: [(&str, &str); 17] = [
        (&secret, "neither `url` nor `url_file`"),
        (&format!("{both}\nurl_file = 'x'"), "both `url` and `url_file`"),
        (url, "needs a secret"),
        (&format!("{url}\nsecret = 'hunter2'"), "whsec_"),
        (&format!("{url}\nsecret = 'whsec_QUJD'"), "3 bytes long"),
        (&format!("{both}\nprevious_secret = 'hunter2'"), "whsec_"),
        (&format!("{both}\nsecret_file = 'x'"), "both `secret` and `secret_file`"),
        (&format!("{secret}\nurl = 'http://crm.example.com/hunter2'"), "allow_http = true"),
        (&format!("{secret}\nurl = 'https://0x7f.1/hunter2'"), "allow_private = true"),
        (&format!("{secret}\nallow_private = true\nurl = 'https://169.254.169.254/hunter2'"), "not public"),
        (&format!("{secret}\nurl = 'https://me:hunter2@crm.example.com'"), "user or password"),
        (&format!("{both}\nkind = 'mail'"), "webhook or slack"),
        (&format!("{both}\nkind = 'slack'"), "takes no signature"),
        (&format!("{url}\nkind = 'slack'\ncontact_data = true"), "Slack channel"),
        (&format!("{both}\nevents = ['person.left']"), "group.refreshed, refresh.failed, review.needed"),
        (&format!("{both}\nevents = []"), "asks for no event"),
        (&format!("{both}\nworkspace = 'globex'"), "no known workspace"),
    ];
    for (text, says) in cases {
        let fault = Place::new().file("bgr.toml", &format!("[[receivers]]\nname = 'crm'\n{text}\n")).fault();
        assert!(fault.contains(says) && fault.contains("receiver"), "{text}\n=> {fault}");
        assert!(!fault.contains("hunter2"), "{fault}");
    }
    let twice = format!("[[receivers]]\nname = 'crm'\n{both}\n").repeat(2);
    assert!(Place::new().file("bgr.toml", &twice).fault().contains("two receivers named `crm`"));
}
