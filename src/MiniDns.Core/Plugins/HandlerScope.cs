namespace MiniDns.Plugins;

/// <summary>Which messages a handler sees.</summary>
[Flags]
public enum HandlerScope
{
    /// <summary>Queries (opcode 0).</summary>
    Queries = 1,

    /// <summary>Zone change notifications (RFC 1996). A block without a handler for them answers NOTIMP.</summary>
    Notifications = 2,

    /// <summary>Both: for handlers that look at a message without answering from data, such as logs, keys and access rules.</summary>
    QueriesAndNotifications = Queries | Notifications,
}
