using MiniDns.Configuration;

namespace MiniDns.Server.Running;

/// <summary>Where the configuration asks for an address, for messages about it.</summary>
/// <param name="Span">The place.</param>
/// <param name="What">What is listened on, to stand before the address.</param>
internal sealed record ListenPlace(SourceSpan Span, string What);
