namespace MiniDns.Server.Hosting;

/// <summary>The server cannot start; the message holds one line for each reason, for the user.</summary>
public sealed class StartFailure(string message, Exception? cause = null) : Exception(message, cause);
