namespace MiniDns.Plugins.Primaries;

/// <summary>What the primaries of a zone gave.</summary>
/// <typeparam name="T">A version of the zone.</typeparam>
/// <param name="NewData">A newer version, if there was one.</param>
/// <param name="IsCurrent">True when a primary said that the present version is its newest.</param>
internal readonly record struct ConversationResult<T>(T? NewData, bool IsCurrent)
    where T : class
{
    /// <summary>No primary could help.</summary>
    public static ConversationResult<T> Failed => default;

    /// <summary>The present version is the newest.</summary>
    public static ConversationResult<T> Current => new(null, true);
}
