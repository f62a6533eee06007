//! What columns are called, in the exports people have: English, German, French, Spanish, Portuguese; HubSpot,
//! Salesforce, BambooHR, Workday, Personio, LinkedIn.
//!
//! Names are written as [`normal`] leaves them. A column of the first list of a meaning is preferred over one of the
//! second, wherever it stands; within a list, the first column of the file wins.

use super::header::Meaning::{
    self, Department, DirectReports, Email, FirstName, Id, LastName, Location, Manager, ManagerTitle, Name, Network,
    Phone, Profile, StartDate, Title,
};
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A header without case, accents, blanks and punctuation: `E-Mail`, `e_mail` and `Email` are one.
pub(super) fn normal(header: &str) -> String {
    // Salesforce marks columns of the customer's own this way.
    let header = header.trim();
    let header = header.strip_suffix("__c").unwrap_or(header);
    let mut out = String::new();
    for character in header.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match character {
            '#' => out.push_str("number"),
            'ß' => out.push_str("ss"),
            _ if character.is_alphanumeric() => out.push(character),
            _ => {}
        }
    }
    out
}

/// What this header means and how good a name for it this is, 0 being best.
pub(super) fn meaning(header: &str) -> Option<(Meaning, u8)> {
    let header = normal(header);
    let known = |name: &str| KNOWN.get(name).copied();
    let prefixes = ["contact", "employee", "person", "worker", "mitarbeiter", "empleado", "collaborateur"];
    known(&header).or_else(|| prefixes.iter().find_map(|prefix| known(header.strip_prefix(prefix)?)))
}

static KNOWN: LazyLock<HashMap<&str, (Meaning, u8)>> = LazyLock::new(|| {
    let names = |(meaning, rank, names): &(Meaning, u8, &'static str)| {
        let (meaning, rank) = (*meaning, *rank);
        names.split_whitespace().map(move |name| (name, (meaning, rank)))
    };
    TABLE.iter().flat_map(names).collect()
});

/// Names of the first name in languages where a bare `Name` beside it is the family name.
pub(super) const FIRST_BESIDE_LAST: [&str; 4] = ["vorname", "rufname", "prenom", "prenoms"];

/// For departments the rank is the depth, outermost first: all of them are read.
const TABLE: [(Meaning, u8, &str); 30] = [
    (
        Id,
        0,
        "personid id employeeid recordid contactid userid workerid memberid staffid personnelnumber employeenumber empid
        employeeno empno eid objectid profileid leadid associateid personnelid staffnumber staffno personnumber
        contactrecordid salesforceid hubspotid personalnummer mitarbeiterid mitarbeiternummer personalnr mitarbeiternr
        persnr matricule identifiant idemploye idsalarie numeroemploye numerodemploye idcollaborateur idpersonne
        idempleado iddeempleado numeroempleado numerodeempleado idpersona idcontacto legajo idfuncionario
        iddofuncionario idcolaborador iddocolaborador numerofuncionario matricula",
    ),
    (Id, 1, "uuid guid externalid uid identificador number"),
    (
        Name,
        0,
        "name fullname displayname employeename personname contactname membername completename nameofemployee workername
        personfullname staffname vollstandigername vollername anzeigename mitarbeitername nom nomcomplet nometprenom
        prenometnom nomprenom prenomnom nombre nombrecompleto nombreyapellido nombreyapellidos apellidosynombre
        apellidosynombres nome nomecompleto nomedofuncionario nomedocolaborador",
    ),
    (
        Name,
        1,
        "preferredname legalname commonname worker employee person member mitarbeiter mitarbeiterin contact empleado
        funcionario colaborador collaborateur salarie",
    ),
    (
        FirstName,
        0,
        "firstname givenname forename first fname givennames vorname prenom prenoms nombres primernombre nombredepila
        primeironome prenome nomeproprio",
    ),
    (FirstName, 1, "preferredfirstname legalfirstname rufname"),
    (
        LastName,
        0,
        "lastname surname familyname last lname nachname familienname zuname nomdefamille nomdusage apellido apellidos
        primerapellido sobrenome apelido ultimonome",
    ),
    (LastName, 1, "legallastname preferredlastname"),
    (
        Title,
        0,
        "jobtitle jobtitles title titles position positiontitle positionname workingtitle classtitle titledesc
        titledescription businesstitle jobposition currenttitle currentposition currentjobtitle
        worktitle designation occupation job jobname titlename officialtitle professionaltitle berufsbezeichnung
        stellenbezeichnung positionsbezeichnung jobbezeichnung funktionsbezeichnung jobtitel stelle tatigkeit
        taetigkeit poste fonction intituleduposte intituleposte titreduposte libelleduposte emploi puesto cargo
        puestodetrabajo titulodelpuesto nombredelpuesto posicion funcao posicao titulodocargo tituloprofissional functie
        functietitel functienaam qualifica mansione",
    ),
    (Title, 1, "role jobrole roletitle jobprofile headline funktion rolle titel titre titulo rol papel ruolo grade"),
    (
        Department,
        0,
        "businessunit businessunits bu businessarea geschaftsbereich geschaeftsbereich geschaftseinheit uniteoperationnelle
        unidaddenegocio unidadedenegocio",
    ),
    (Department, 1, "division divisions bereich direction direccion diretoria"),
    (
        Department,
        2,
        "department departments dept depts departmentname deptname jobfunction function orgunit organizationalunit
        organisationalunit supervisoryorganization homedepartment abteilung abteilungen departement departements service
        departamento departamentos area areas setor",
    ),
    (Department, 3, "subdepartment section unit unterabteilung"),
    (Department, 4, "team teams teamname squad equipe equipes equipo equipos time"),
    (
        Manager,
        0,
        "managerid managersid reportstoid reporttoid reportingtoid supervisorid managerpersonid manageremployeeid
        manageremployeenumber managernumber managerworkerid linemanagerid supervisoreid supervisoremployeeid
        supervisornumber supervisoremployeenumber bossid reportingmanagerid directmanagerid manageruserid managerrecordid
        managercontactid parentid reportstoemployeeid reportstocontactid vorgesetzterid vorgesetztenid idvorgesetzter
        fuhrungskraftid personalnummervorgesetzter idmanager idresponsable idsuperieur idsuperviseur managermatricule
        matriculemanager matriculeresponsable idgerente gerenteid idjefe jefeid idsupervisor idgestor gestorid idchefe
        iddogestor iddelgerente idchefia matriculagestor",
    ),
    (
        Manager,
        1,
        "manager reportsto reportingto supervisor linemanager reportingmanager directmanager manageremail supervisoremail
        vorgesetzter vorgesetzte fuhrungskraft responsable superieur jefe gerente gestor chefe",
    ),
    (
        ManagerTitle,
        0,
        "managertitle managersjobtitle managerjobtitle managerstitle managerposition supervisortitle supervisorjobtitle
        reportstotitle titlevorgesetzter positionvorgesetzter titredumanager postedumanager cargodeljefe cargodogestor
        puestodeljefe",
    ),
    (
        DirectReports,
        0,
        "directreports numberofdirectreports directreportscount directreportcount numdirectreports noofdirectreports
        reportscount numberofreports reports headcountdirect teamsize directsubordinates anzahlmitarbeiter
        direkteberichte fuhrungsspanne rapportsdirects nombredesubordonnes subordinadosdirectos subordinadosdiretos",
    ),
    (Network, 0, "connections connectionscount connectioncount followers followerscount followercount kontakte abonnes"),
    (
        Email,
        0,
        "email emailaddress workemail workemailaddress businessemail businessemailaddress emailwork primaryemail
        primaryworkemail companyemail corporateemail officialemail professionalemail mail email1 mailadresse emailadresse
        geschaftlicheemail dienstlicheemail emailgeschaftlich emaildienstlich courriel adresseemail adressemail
        adressedecourriel emailprofessionnel emailpro correo correoelectronico correodetrabajo correocorporativo
        emailcorporativo enderecodeemail emailprofissional",
    ),
    (Email, 1, "emails emailaddresses userprincipalname upn"),
    (
        Phone,
        0,
        "phone phonenumber workphone workphonenumber businessphone officephone telephone telephonenumber tel telno telefon
        telefonnummer telefonnr diensttelefon directphone directdial phonework primaryphone primaryworkphone companyphone
        phone1 numerodetelephone numerotelephone telefono numerodetelefono telefone numerodetelefone",
    ),
    (
        Phone,
        1,
        "mobile mobilephone mobilephonenumber mobilenumber workmobile cell cellphone cellphonenumber handy handynummer mobil
        mobiltelefon mobilnummer portable telephoneportable celular movil telefonomovil telemovel phones phonenumbers",
    ),
    (
        Profile,
        0,
        "linkedin linkedinurl linkedinprofile linkedinprofileurl linkedinlink linkedinpage linkedinprofil personlinkedin
        personlinkedinurl profileurl profilelink publicprofileurl publicprofile",
    ),
    (Profile, 1, "profile url profil profillink perfil"),
    (
        Location,
        0,
        "location office worklocation officelocation primarylocation joblocation locationname workplace site basedin
        standort arbeitsort buro buero lieu lieudetravail bureau localisation ubicacion oficina lugardetrabajo localizacao
        localidade localdetrabalho escritorio",
    ),
    (
        Location,
        1,
        "city workcity mailingcity town country workcountry mailingcountry stadt ort land ville pays ciudad pais cidade
        region locality",
    ),
    (
        StartDate,
        0,
        "startdate inrolesince rolestartdate positionstartdate jobstartdate currentrolestartdate currentpositionstartdate
        inpositionsince titlesince startedon startedat indepositionseit positionseit funktionseit startdatum
        datedeprisedeposte",
    ),
    (
        StartDate,
        1,
        "hiredate dateofhire originalhiredate lasthiredate joindate joiningdate dateofjoining datejoined joinedon joinedat
        hiredon hiredat employmentstartdate eintrittsdatum einstellungsdatum eintritt datedembauche dateembauche
        datedentree datedebut datededebut fechadeinicio fechainicio fechadeingreso fechaingreso fechadecontratacion
        fechacontratacion fechadealta datadeinicio datainicio datadeadmissao dataadmissao admissao datadecontratacao
        datacontratacao",
    ),
];

#[cfg(test)]
mod tests {
    use super::{KNOWN, TABLE, meaning, normal};
    use crate::roster::Meaning;

    #[test]
    fn the_table_holds_every_name_once_and_as_headers_are_compared() {
        let names: Vec<_> = TABLE.iter().flat_map(|(_, _, names)| names.split_whitespace()).collect();
        assert_eq!(names.len(), KNOWN.len(), "a name is listed twice");
        for name in names {
            assert_eq!(normal(name), name);
        }
    }

    #[test]
    fn what_only_resembles_a_column_is_not_taken_for_it() {
        for header in ["Job Titles", "Working Title", "Class Title", "Title Description", "Position Name", "Functie"] {
            assert_eq!(meaning(header), Some((Meaning::Title, 0)), "{header}");
        }
        assert_eq!(meaning("Grade"), Some((Meaning::Title, 1)), "a grade stands in where there is no title");
        for header in ["Manager Name", "Personal Email", "User Role", "Lead Source", "Company", "Website"] {
            assert_eq!(meaning(header), None, "{header}");
        }
        assert_eq!(meaning("Contact: First Name"), Some((Meaning::FirstName, 0)));
        assert_eq!(meaning("LinkedIn_URL__c"), Some((Meaning::Profile, 0)));
    }
}
