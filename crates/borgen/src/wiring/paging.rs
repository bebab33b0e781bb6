//! From the settings of a channel to a channel: how people who are on call are reached.

use crate::config::{ChannelSettings, Loaded};
use anyhow::Context;
use microsoft::ReqwestOutbound;
use microsoft::seam::Outbound;
use outside::{Channel, ChannelKind};
use runtime::Channels;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every channel of the settings; the first that is none is told by name.
pub(crate) fn channels(settings: &Loaded) -> anyhow::Result<Channels> {
    let mut by_name = BTreeMap::new();
    for (name, channel) in settings.channels() {
        let channel = channel_of(channel).with_context(|| format!("channels.{name}"))?;
        by_name.insert(name, channel);
    }
    let outbound: Arc<dyn Outbound> = Arc::new(ReqwestOutbound::for_channels()?);
    Ok(Channels::new(by_name, outbound, settings.some_text("server.public_url").as_deref()))
}

fn channel_of(settings: ChannelSettings) -> anyhow::Result<Channel> {
    let kind = if settings.kind == "teams" { ChannelKind::Teams } else { ChannelKind::Webhook };
    let url = settings.url.unwrap_or_else(|| SecretString::from(""));
    Ok(Channel::new(kind, url, settings.secret)?)
}
