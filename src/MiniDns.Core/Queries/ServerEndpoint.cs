namespace MiniDns.Queries;

/// <summary>One address of the server, as metrics name it.</summary>
/// <param name="Label"><c>dns://:53</c>, or <c>dns://127.0.0.1:53</c> when a block is bound to an address.</param>
/// <param name="Index">Its number among the addresses of one configuration, from 0.</param>
public sealed record ServerEndpoint(string Label, int Index)
{
    /// <summary>What queries have that did not come in at an address: the server's own.</summary>
    public static ServerEndpoint None { get; } = new("", 0);
}
