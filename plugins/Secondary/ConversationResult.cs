using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>What the primaries of a zone gave.</summary>
/// <param name="NewData">A newer version, if there was one.</param>
/// <param name="IsCurrent">True when a primary said that the present version is its newest.</param>
internal readonly record struct ConversationResult(Zone? NewData, bool IsCurrent)
{
    /// <summary>No primary could help.</summary>
    public static ConversationResult Failed => default;

    /// <summary>The present version is the newest.</summary>
    public static ConversationResult Current => new(null, true);
}
