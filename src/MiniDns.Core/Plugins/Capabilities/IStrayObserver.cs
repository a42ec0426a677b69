using MiniDns.Queries;

namespace MiniDns.Plugins.Capabilities;

/// <summary>Sees the messages that no server block takes: malformed ones, those outside every zone, unknown operations.</summary>
public interface IStrayObserver : IReplyObserver;
