namespace MiniDns.Plugins.Template.Engine;

/// <summary>A kind of token.</summary>
internal enum TemplateTokenKind
{
    /// <summary>The end of the template.</summary>
    End,

    /// <summary>Text outside of actions.</summary>
    Text,

    /// <summary><c>{{</c>.</summary>
    Open,

    /// <summary><c>}}</c>.</summary>
    Close,

    /// <summary><c>.Name</c>; the text is the name.</summary>
    Field,

    /// <summary><c>.</c>.</summary>
    Dot,

    /// <summary><c>$name</c>, with its dollar.</summary>
    Variable,

    /// <summary>A function, a keyword or a constant.</summary>
    Word,

    /// <summary>A text in quotes; the text is what it stands for.</summary>
    String,

    /// <summary>A number or a character, as written.</summary>
    Number,

    /// <summary><c>(</c>.</summary>
    LeftParenthesis,

    /// <summary><c>)</c>.</summary>
    RightParenthesis,

    /// <summary><c>|</c>.</summary>
    Pipe,

    /// <summary><c>:=</c>.</summary>
    Declare,

    /// <summary><c>=</c>.</summary>
    Assign,

    /// <summary><c>,</c>.</summary>
    Comma,

    /// <summary>Something wrong; the text says what.</summary>
    Error,
}
