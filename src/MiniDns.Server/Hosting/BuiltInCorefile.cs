namespace MiniDns.Server.Hosting;

/// <summary>What is served when nobody wrote a Corefile: the machine's hosts file, and everything else forwarded and cached.</summary>
internal static class BuiltInCorefile
{
    public const string Name = "(built-in)";

    public const string Text = """
        . {
            errors
            hosts {
                fallthrough
            }
            cache
            forward . 8.8.8.8
        }
        """;
}
