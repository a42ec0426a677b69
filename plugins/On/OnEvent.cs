namespace MiniDns.Plugins.On;

/// <summary>When commands are run.</summary>
internal enum OnEvent
{
    /// <summary>A configuration answers queries: after the start, and after each reload.</summary>
    Startup,

    /// <summary>The server has been told to stop.</summary>
    Shutdown,

    /// <summary>A certificate has been renewed.</summary>
    CertificateRenewed,
}
