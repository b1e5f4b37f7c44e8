//! Room for a model's numbers, in large pages where the system has them. Every token goes through all of them: with pages
//! of 4 kB the processor would look up hundreds of thousands of places each time, and the system would make as many
//! pages one by one when the model is loaded.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

use crate::diag::{Fault, FaultKind};

/// Numbers, as many as were asked for.
#[derive(Debug)]
pub(super) struct Room<T> {
    bytes: MmapMut,
    numbers: PhantomData<T>,
}

impl<T: Pod> Room<T> {
    /// Zeros, at least one.
    pub(super) fn zeros(count: usize) -> Result<Room<T>, Fault> {
        let bytes = MmapMut::map_anon(count * size_of::<T>()).map_err(|_| {
            Fault::new(FaultKind::Lm, "there is not enough memory for the model's weights")
                .help("use a smaller model; `dsp models` lists those that have a name")
        })?;
        // Without them it is only slower.
        #[cfg(target_os = "linux")]
        let _ = bytes.advise(memmap2::Advice::HugePage);
        Ok(Room {
            bytes,
            numbers: PhantomData,
        })
    }
}

impl<T: Pod> Deref for Room<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.bytes)
    }
}

impl<T: Pod> DerefMut for Room<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.bytes)
    }
}
