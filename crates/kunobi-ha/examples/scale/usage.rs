//! What this process has used so far, as the Linux kernel counts it.

use std::{error::Error, fs, time::Duration};

use rustix::time::{ClockId, clock_gettime};

pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Bytes.
    pub(crate) resident: u64,
    pub(crate) peak: u64,
}

impl Usage {
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?);
        let status = fs::read_to_string("/proc/self/status")?;
        let kilobytes = |field: &str| -> Result<u64, Box<dyn Error>> {
            let line =
                status.lines().find(|line| line.starts_with(field)).ok_or("no such field")?;
            Ok(line.split_whitespace().nth(1).ok_or("no value")?.parse::<u64>()? * 1024)
        };
        Ok(Self { cpu, resident: kilobytes("VmRSS:")?, peak: kilobytes("VmHWM:")? })
    }
}
