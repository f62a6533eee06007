//! Headers, encodings and kinds of file.

use crate::File;
use contracts::FailureClass;
use engine::Contact;
use std::fs;

#[test]
fn exports_of_common_programs_are_understood() {
    let exports = [
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Job Title,LinkedIn URL,City",
            "7,Ann,Lee,a@x.io,1,CEO,x.io/in/a,Rome",
        ),
        (
            "Id,AccountId,FirstName,LastName,Title,Phone,Email,MailingCity,LinkedIn__c,ReportsToId",
            "7,1,Ann,Lee,CEO,1,a@x.io,Rome,x.io/in/a,",
        ),
        (
            "Employee #;Full Name;Mobile Phone;Work Phone;Work Email;Job Title;Location;LinkedIn",
            "7;Ann Lee;9;1;a@x.io;CEO;Rome;x.io/in/a",
        ),
        (
            "Employee ID|Worker|Business Title|Primary Work Email|Work Phone|Location|Manager ID|Profile URL",
            "7|Ann Lee|CEO|a@x.io|1|Rome||x.io/in/a",
        ),
        (
            "Personalnummer;Vorname;Nachname;Position;E-Mail;Telefon;Standort;Vorgesetzter-ID;LinkedIn",
            "7;Ann;Lee;CEO;a@x.io;1;Rome;;x.io/in/a",
        ),
        (
            "Personalnummer\tName\tVorname\tFunktion\tE-Mail-Adresse\tTelefonnummer\tOrt\tProfil",
            "7\tLee\tAnn\tCEO\ta@x.io\t1\tRome\tx.io/in/a",
        ),
        (
            "Matricule;Prénom;Nom;Fonction;Courriel;Téléphone;Lieu de travail;Profil",
            "7;Ann;Lee;CEO;a@x.io;1;Rome;x.io/in/a",
        ),
        (
            "ID empleado,Nombre,Apellidos,Puesto,Correo electrónico,Teléfono,Ubicación,Perfil",
            "7,Ann,Lee,CEO,a@x.io,1,Rome,x.io/in/a",
        ),
        ("Matrícula,Nome completo,Cargo,E-mail,Telefone,Localização,Perfil", "7,Ann Lee,CEO,a@x.io,1,Rome,x.io/in/a"),
        ("profileUrl,fullName,job-title,EMAIL_ADDRESS,phone,location,user_id", "x.io/in/a,Ann Lee,CEO,a@x.io,1,Rome,7"),
    ];
    for (index, (header, row)) in exports.into_iter().enumerate() {
        let people = File::new(format!("{header}\n{row}\n")).people();
        let person = &people[0];
        let seen = (person.id.as_str(), person.name.as_str(), person.title.as_deref(), person.location.as_deref());
        assert_eq!(seen, ("7", "Ann Lee", Some("CEO"), Some("Rome")), "export {index}");
        assert_eq!(person.contact, Contact { email: Some("a@x.io".into()), phone: Some("1".into()) }, "export {index}");
        assert_eq!(person.profile_url.as_deref(), Some("x.io/in/a"), "export {index}");
    }
}

#[test]
fn encodings_marks_and_preambles() {
    let text = "sep=;\r\nStaff list\r\n\r\nName;Title\r\n\"José Müller\";\"Geschäfts-\r\nführer\"\r\n";
    let utf16 =
        |to: fn(u16) -> [u8; 2]| "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(to).collect::<Vec<u8>>();
    let files: [Vec<u8>; 6] = [
        text.into(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        text.chars().map(|character| character as u8).collect(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        utf16(u16::to_le_bytes)[2..].to_vec(),
    ];
    for content in files {
        let people = File::new(content).people();
        assert_eq!((people[0].name.as_str(), people[0].title.as_deref()), ("José Müller", Some("Geschäfts- führer")));
    }
    // Cyrillic and Japanese legacy text must not turn into invented Latin names.
    for bytes in [&b"name\n\xC8\xE2\xE0\xED\n"[..], b"name\n\x93\x63\x92\x86\x91\xBE\x98\x59\n"] {
        assert_eq!(File::new(bytes).page(None).unwrap_err().class, FailureClass::Malformed);
    }
    let names = ["田中 太郎", "Иван Петров", "محمد علي", "Ng", "O’Brien-Smith, Jr."];
    let text = format!("name\n{}\n", names.map(|name| format!("\"{name}\"")).join("\n"));
    assert_eq!(File::new(text).people().iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), names);
}

#[test]
fn json_lines() {
    let text = "\u{FEFF}{\"Employee ID\": 7, \"firstName\": \"Ann\", \"lastName\": \"Lee\", \"departments\": [\"A\", \"B\"], \"email\": null}\n\
                \n{\"id\": \"8\", \"name\": \"Bob\", \"manager_id\": 7, \"location\": {\"city\": \"Rome\"}}\nnot json\n[1]\n{\"id\": 1.5e300}\n";
    let file = File::named("people.JSONL", text, 2);
    let people: Vec<_> = file.pages().into_iter().flat_map(|page| page.people).collect();
    assert_eq!((people[0].id.as_str(), people[0].name.as_str()), ("7", "Ann Lee"));
    assert_eq!(people[0].departments, ["A", "B"]);
    assert_eq!(people[1].manager.as_ref(), Some(&people[0].id));
    assert_eq!(file.rejected().iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6]);
    assert!(file.rejected()[0].1.contains("'location' holds an object"));
    let array = File::named("people.json", "[{\"name\": \"Ann\"}]", 2).page(None).unwrap_err();
    assert_eq!(array.class, FailureClass::InvalidRequest);
    let long = format!("{{\"name\":\"{}\"}}\n{{\"name\":\"Bob\"}}\n", "x".repeat(3 << 20));
    let file = File::named("people.jsonl", long, 9);
    assert_eq!((file.rejected()[0].0, file.page(None).unwrap().people.len()), (1, 1));
}

#[test]
fn headers_that_name_nobody_are_refused_without_showing_people() {
    let error = |content: &[u8]| File::new(content).page(None).unwrap_err();
    assert!(error(b"title,Shoe Size\nCEO,44\n").message.contains("found: title, Shoe Size"));
    let headless = error(b"Quinn Slack,Boss\nAnn Lee,CTO\n");
    assert!(headless.class == FailureClass::Malformed && !headless.message.contains("Quinn"));
    assert_eq!(error(b" \n\n").class, FailureClass::InvalidRequest);
    assert!(error(b"PK\x03\x04....").message.contains("CSV UTF-8"));
    let file = File::new("name\n");
    fs::remove_file(&file.path).unwrap();
    let missing = file.page(None).unwrap_err();
    assert!(missing.class == FailureClass::InvalidRequest && missing.message.contains("'people.csv' does not exist"));
    assert!(!missing.message.contains(file.path.parent().unwrap().to_str().unwrap()));
}
