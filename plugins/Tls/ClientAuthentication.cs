namespace MiniDns.Plugins.Tls;

/// <summary>What clients have to show of themselves.</summary>
internal enum ClientAuthentication
{
    /// <summary>Nothing: they are not asked.</summary>
    None,

    /// <summary>Nothing, although they are asked.</summary>
    Request,

    /// <summary>A certificate, whoever issued it.</summary>
    Require,

    /// <summary>Nothing, or a certificate that leads to an authority that is trusted.</summary>
    VerifyIfGiven,

    /// <summary>A certificate that leads to an authority that is trusted.</summary>
    RequireAndVerify,
}
