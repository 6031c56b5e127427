//! What a config file may say about a device.

use serde::de::DeserializeOwned;
use sinew_devices::{
    BumperConfig, ButtonConfig, DifferentialDriveConfig, HcSr04Config, LedConfig, OdometerConfig,
    WheelEncoderConfig,
};

fn refusal<C: DeserializeOwned>(text: &str) -> String {
    match toml::from_str::<C>(text) {
        Ok(_) => panic!("{text} was taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_empty_section_is_the_defaults() {
    assert_eq!(toml::from_str(""), Ok(HcSr04Config::default()));
    assert_eq!(toml::from_str(""), Ok(BumperConfig::default()));
    assert_eq!(toml::from_str(""), Ok(ButtonConfig::default()));
    assert_eq!(toml::from_str(""), Ok(LedConfig::default()));
    assert_eq!(toml::from_str(""), Ok(WheelEncoderConfig::default()));
    assert_eq!(toml::from_str(""), Ok(DifferentialDriveConfig::default()));
    assert_eq!(toml::from_str(""), Ok(OdometerConfig::default()));
}

#[test]
fn a_section_survives_being_written_and_read() {
    let mut sonar = HcSr04Config::default();
    sonar.period_ms = 60;
    let text = toml::to_string(&sonar).unwrap();
    assert!(text.contains("trigger = \"GPIO23\""), "{text}");
    assert_eq!(toml::from_str(&text), Ok(sonar));
    let drive = DifferentialDriveConfig::default();
    assert_eq!(toml::from_str(&toml::to_string(&drive).unwrap()), Ok(drive));
}

#[test]
fn every_default_lies_within_its_own_range() {
    fn survives<C: DeserializeOwned + serde::Serialize + Default>() {
        let text = toml::to_string(&C::default()).unwrap();
        toml::from_str::<C>(&text).unwrap();
    }
    survives::<HcSr04Config>();
    survives::<BumperConfig>();
    survives::<ButtonConfig>();
    survives::<LedConfig>();
    survives::<WheelEncoderConfig>();
    survives::<DifferentialDriveConfig>();
    survives::<OdometerConfig>();
}

#[test]
fn a_value_out_of_range_is_refused_with_the_range_and_what_was_found() {
    let text = refusal::<HcSr04Config>("period_ms = 10");
    assert!(text.contains("between 40 and 1000, found 10"), "{text}");
    let text = refusal::<HcSr04Config>("max_range_m = 9.0");
    assert!(text.contains("between 0.1 m and 4 m, found 9 m"), "{text}");
    let text = refusal::<DifferentialDriveConfig>("dead_band = 0.9");
    assert!(text.contains("between 0 and 0.5, found 0.9"), "{text}");
    let text = refusal::<DifferentialDriveConfig>("max_speed_m_s = nan");
    assert!(text.contains("between 0.01 m/s and 5 m/s"), "{text}");
}

#[test]
fn the_error_points_at_the_offending_text() {
    let text = "echo = \"GPIO24\"\nperiod_ms = 10\n";
    let error = toml::from_str::<HcSr04Config>(text).unwrap_err();
    let span = error.span().unwrap();
    assert_eq!(&text[span], "10");
}

#[test]
fn an_unknown_key_and_a_bare_pin_are_refused() {
    let text = refusal::<HcSr04Config>("trigge = \"GPIO23\"");
    assert!(text.contains("trigge"), "{text}");
    refusal::<HcSr04Config>("trigger = 23");
    refusal::<LedConfig>("pin = \"23\"");
}

#[test]
fn a_lease_above_one_second_is_refused() {
    let text = refusal::<DifferentialDriveConfig>("[safety]\nlongest_lease_ms = 1001");
    assert!(text.contains("1000 ms"), "{text}");
}

#[cfg(feature = "mpu6050")]
#[test]
fn two_axes_on_one_line_are_no_mounting() {
    use sinew_devices::{Axis, Mounting, Mpu6050Config};
    let text = "mounting = { forward = \"+y\", left = \"-x\" }";
    let config: Mpu6050Config = toml::from_str(text).unwrap();
    assert_eq!(
        Ok(config.mounting),
        Mounting::new(Axis::PlusY, Axis::MinusX)
    );
    let text = refusal::<Mpu6050Config>("mounting = { forward = \"+y\", left = \"-y\" }");
    assert!(text.contains("right angle"), "{text}");
    let text = refusal::<Mpu6050Config>("address = 0x40");
    assert!(text.contains("between 0x68 and 0x69, found 0x40"), "{text}");
}

#[cfg(feature = "ina219")]
#[test]
fn an_address_is_named_as_the_data_sheet_names_it() {
    use sinew_devices::Ina219Config;
    assert_eq!(toml::from_str(""), Ok(Ina219Config::default()));
    let text = refusal::<Ina219Config>("address = 0x68");
    assert!(text.contains("between 0x40 and 0x4f, found 0x68"), "{text}");
}
