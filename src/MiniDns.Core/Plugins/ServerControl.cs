namespace MiniDns.Plugins;

/// <summary>What plugins may ask of the running server as a whole. Attached by the server before it starts; harmless until then.</summary>
public sealed class ServerControl
{
    private volatile Action<string>? _reload;
    private volatile Func<long>? _queries;
    private volatile Func<CancellationToken, Task<IReadOnlyList<string>>>? _check;
    private volatile Func<string?>? _fingerprint;
    private volatile Func<string, CancellationToken, Task<HttpSideReply>>? _explain;

    /// <summary>What the running configuration was made from; null before there is one.</summary>
    public ConfigOrigin? Origin { get; set; }

    /// <summary>How many messages the server has received so far, on all addresses and transports.</summary>
    public long ReceivedMessages => _queries?.Invoke() ?? 0;

    /// <summary>Says who does what is asked here.</summary>
    /// <param name="reload">Starts a reload and returns at once; takes the reason, for the log.</param>
    /// <param name="queries">Counts the messages received so far.</param>
    /// <param name="fingerprint">See <see cref="ReadFingerprint"/>.</param>
    /// <param name="check">See <see cref="CheckListenersAsync"/>.</param>
    public void Attach(Action<string> reload, Func<long> queries, Func<string?> fingerprint, Func<CancellationToken, Task<IReadOnlyList<string>>> check)
    {
        _reload = reload;
        _queries = queries;
        _fingerprint = fingerprint;
        _check = check;
    }

    /// <summary>Says who makes the page of <see cref="ExplainAsync"/>.</summary>
    /// <param name="explain">Takes the page's query string.</param>
    public void AttachExplainer(Func<string, CancellationToken, Task<HttpSideReply>> explain) => _explain = explain;

    /// <summary>Asks for the configuration to be read anew, which happens soon; several requests may become one.</summary>
    /// <param name="reason">Why, for the log.</param>
    public void RequestReload(string reason) => _reload?.Invoke(reason);

    /// <summary>Reads the configuration's files as they are now, without using them.</summary>
    /// <returns>Their digest, to compare with <see cref="ConfigOrigin.Fingerprint"/>; null when the Corefile cannot be read.</returns>
    public string? ReadFingerprint() => _fingerprint?.Invoke();

    /// <summary>Sends a message to every address that the server listens on, as a client would.</summary>
    /// <param name="cancellationToken">Ends the waiting; who has not answered by then is among the failures.</param>
    /// <returns>One line for each listener that did not answer; empty when all is well.</returns>
    public Task<IReadOnlyList<string>> CheckListenersAsync(CancellationToken cancellationToken) =>
        _check?.Invoke(cancellationToken) ?? Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Lets a query go its way through a copy of the running plugins, and shows the way.</summary>
    /// <param name="query">The query string of an HTTP page, which says what is asked.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    public Task<HttpSideReply> ExplainAsync(string query, CancellationToken cancellationToken) =>
        _explain?.Invoke(query, cancellationToken) ?? Task.FromResult(new HttpSideReply(501, "this server explains nothing\n"));
}
