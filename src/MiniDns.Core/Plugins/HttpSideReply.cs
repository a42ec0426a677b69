namespace MiniDns.Plugins;

/// <summary>What an HTTP page beside DNS answers.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Body">The content, sent as UTF-8.</param>
/// <param name="ContentType">The media type.</param>
public readonly record struct HttpSideReply(int Status, string Body, string ContentType = "text/plain; charset=utf-8");
