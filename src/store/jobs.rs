//! Tickets of requests that a provider has queued: a process that ends before they are ready leaves them to the next.
//!
//! ```text
//! data/state/jobs/destatis.13111-01-03-4.1f2e3d4c5b6a7988.json
//! {"dataflow":"destatis/13111-01-03-4","plan":"9f…","request":"1f2e…","url":"https://…","ticket":"13111-01-03-4_78","since":"2026-11-22T03:00:00Z"}
//! ```

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, checked_name, listed, read, remove, write_atomic};

/// A queued request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// `<source>/<id>`.
    pub dataflow: String,
    /// Hash of the planned requests it belongs to.
    pub plan: String,
    /// Hash of the request that was queued.
    pub request: String,
    /// Of that request, for people.
    pub url: String,
    /// As the provider gave it.
    pub ticket: String,
    /// UTC instant, RFC 3339.
    pub since: String,
}

impl Store {
    /// The noted job of a request; a note that cannot be understood counts as none: the request is sent anew.
    pub fn job(&self, dataflow: &str, request: &str) -> Result<Option<Job>, StoreError> {
        let path = self.job_path(dataflow, request)?;
        if !path.exists() {
            return Ok(None);
        }
        let job: Option<Job> = serde_json::from_slice(&read(&path)?).ok();
        Ok(job.filter(|job| job.dataflow == dataflow && job.request == request))
    }

    pub fn put_job(&self, job: &Job) -> Result<(), StoreError> {
        let text = serde_json::to_string(job).expect("a record of texts is always JSON");
        write_atomic(&self.job_path(&job.dataflow, &job.request)?, text.as_bytes())
    }

    pub fn remove_job(&self, dataflow: &str, request: &str) -> Result<(), StoreError> {
        remove(&self.job_path(dataflow, request)?)
    }

    /// All noted jobs that can be understood, in order.
    pub fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        let mut jobs = Vec::new();
        for path in listed(&self.data("state/jobs"))?.into_iter().filter(|path| path.is_file() && !super::is_temporary(path)) {
            jobs.extend(serde_json::from_slice::<Job>(&read(&path)?).ok());
        }
        Ok(jobs)
    }

    fn job_path(&self, dataflow: &str, request: &str) -> Result<PathBuf, StoreError> {
        let name = format!("{}.{}.json", dataflow.replace('/', "."), request.chars().take(16).collect::<String>());
        Ok(self.data("state/jobs").join(checked_name(&name, "a job")?))
    }
}
