namespace MiniDns.Server.Running;

/// <summary>An address of the configuration could not be listened on. The message is one line for the user.</summary>
public sealed class BindFailure(string message, Exception cause) : Exception(message, cause);
