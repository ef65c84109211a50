//! Content parts as clients write them.

use serde_json::Value;

use super::fields::{Fields, Path};
use crate::{
    dialect::media,
    error::{Error, Reason},
    pb::{Audio, CacheControl, ContentPart, File, Image, Video, content_part::Part, file, image, video},
};

/// Reads content: a text, or a list of parts.
pub(super) fn read_content(content: Value, path: &Path<'_>) -> Result<Vec<ContentPart>, Error> {
    match content {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![ContentPart::text(text)]),
        Value::Array(list) => {
            list.into_iter().enumerate().map(|(at, part)| read_part(part, Path::Element(path, at))).collect()
        }
        _ => Err(path.must_be("a string or a list of parts")),
    }
}

fn read_part(part: Value, path: Path<'_>) -> Result<ContentPart, Error> {
    if let Value::String(text) = part {
        return Ok(ContentPart::text(text));
    }
    let mut fields = Fields::of(part, path)?;
    let kind = fields.needed_text("type")?;
    let part = match kind.as_str() {
        "text" | "input_text" | "output_text" => Part::Text(text_of(&mut fields, "text")?),
        "refusal" => Part::Refusal(text_of(&mut fields, "refusal")?),
        "image_url" | "input_image" => Part::Image(read_image(&mut fields)?),
        "file" | "input_file" => Part::File(read_file(&mut fields)?),
        "input_audio" => Part::Audio(read_audio(&mut fields)?),
        "video_url" | "input_video" => Part::Video(read_video(&mut fields)?),
        other => {
            let message = format!("`{other}` is no kind of part; use text, image_url, file, input_audio or video_url");
            let field = fields.at("type").to_string();
            return Err(Error::new(Reason::UnsupportedContent, message).with_field(field));
        }
    };
    Ok(ContentPart { part: Some(part), cache_control: read_cache_control(&mut fields)? })
}

fn text_of(fields: &mut Fields<'_>, name: &str) -> Result<String, Error> {
    fields.text(name)?.ok_or_else(|| fields.at(name).must_be("a string"))
}

/// Reads `cache_control`, which may stand on parts, messages, tools and calls.
pub(super) fn read_cache_control(fields: &mut Fields<'_>) -> Result<Option<CacheControl>, Error> {
    let Some(control) = fields.take("cache_control") else { return Ok(None) };
    let path = fields.at("cache_control");
    let mut control = Fields::of(control, path)?;
    Ok(Some(CacheControl { ttl: control.text_or_empty("ttl")? }))
}

/// An `image_url` part: `{image_url: {url, detail}}`, or the URL alone.
pub(super) fn read_image(fields: &mut Fields<'_>) -> Result<Image, Error> {
    let outer_detail = fields.text_or_empty("detail")?;
    let Some(value) = fields.take("image_url") else {
        return Err(fields.at("image_url").must_be("an object with a `url`"));
    };
    let path = fields.at("image_url");
    let (url, detail) = match value {
        Value::String(url) => (url, outer_detail),
        value => {
            let mut inner = Fields::of(value, path)?;
            (inner.needed_text("url")?, inner.text_or_empty("detail")?)
        }
    };
    let (source, media_type) = match read_url(url, "image/", &path)? {
        Located::Url(url) => (image::Source::Url(url), String::new()),
        Located::Data(data, media_type) => (image::Source::Data(data), media_type),
    };
    Ok(Image { source: Some(source), media_type, detail })
}

fn read_file(fields: &mut Fields<'_>) -> Result<File, Error> {
    // The Responses API writes the same fields without the inner object.
    let inner = fields.object("file")?.unwrap_or_else(|| std::mem::take(&mut fields.map));
    let path = fields.at("file");
    let mut inner = Fields::new(inner, path);
    let filename = inner.text_or_empty("filename")?;
    if let Some(id) = inner.text("file_id")? {
        let source = Some(file::Source::FileId(id));
        return Ok(File { source, media_type: String::new(), filename });
    }
    let url = inner.text("file_url")?;
    let Some(data) = url.map_or_else(|| inner.text("file_data"), |url| Ok(Some(url)))? else {
        return Err(Error::invalid(path.to_string(), "give `file_data` or `file_id`"));
    };
    let path = inner.at("file_data");
    let (source, media_type) = if data.starts_with("data:") || data.starts_with("http") {
        match read_url(data, "", &path)? {
            Located::Url(url) => (file::Source::Url(url), String::new()),
            Located::Data(data, media_type) => (file::Source::Data(data), media_type),
        }
    } else {
        let guessed = mime_guess::from_path(&filename).first_raw().unwrap_or("application/pdf");
        (file::Source::Data(base64_at(&data, &path)?), guessed.to_owned())
    };
    Ok(File { source: Some(source), media_type, filename })
}

fn read_audio(fields: &mut Fields<'_>) -> Result<Audio, Error> {
    let audio = fields.object("input_audio")?.ok_or_else(|| fields.at("input_audio").must_be("an object"))?;
    let path = fields.at("input_audio");
    let mut audio = Fields::new(audio, path);
    let data = audio.needed_text("data")?;
    let format = audio.needed_text("format")?;
    let path = audio.at("data");
    let data = match read_data_url(&data, "audio/", &path)? {
        Some((data, _)) => data,
        None => base64_at(&data, &path)?,
    };
    Ok(Audio { data, format, ..Audio::default() })
}

fn read_video(fields: &mut Fields<'_>) -> Result<Video, Error> {
    let Some(value) = fields.take("video_url") else {
        return Err(fields.at("video_url").must_be("an object with a `url`"));
    };
    let path = fields.at("video_url");
    let url = match value {
        Value::String(url) => url,
        value => Fields::of(value, path)?.needed_text("url")?,
    };
    let (source, media_type) = match read_url(url, "video/", &path)? {
        Located::Url(url) => (video::Source::Url(url), String::new()),
        Located::Data(data, media_type) => (video::Source::Data(data), media_type),
    };
    Ok(Video { source: Some(source), media_type })
}

enum Located {
    Url(String),
    Data(bytes::Bytes, String),
}

/// A URL that the provider fetches, or the bytes of a `data:` URL, whose media type must begin as given.
fn read_url(url: String, media: &str, path: &Path<'_>) -> Result<Located, Error> {
    if let Some((data, media_type)) = read_data_url(&url, media, path)? {
        return Ok(Located::Data(data, media_type));
    }
    let scheme = url.get(..8).unwrap_or(&url).to_ascii_lowercase();
    if scheme.starts_with("http://") || scheme.starts_with("https://") {
        return Ok(Located::Url(url));
    }
    Err(path.must_be("an http(s) URL or a base64 `data:` URL"))
}

fn read_data_url(url: &str, media: &str, path: &Path<'_>) -> Result<Option<(bytes::Bytes, String)>, Error> {
    if !url.starts_with("data:") {
        return Ok(None);
    }
    let parts =
        media::data_url(url).ok_or_else(|| path.must_be("a base64 `data:` URL, such as `data:image/png;base64,…`"))?;
    if parts.media_type.is_empty() || !parts.media_type.starts_with(media) {
        let message = format!("`{path}` holds `{}`, not {media}…", parts.media_type);
        return Err(Error::new(Reason::UnsupportedContent, message).with_field(path.to_string()));
    }
    Ok(Some((base64_at(parts.base64, path)?, parts.media_type)))
}

fn base64_at(text: &str, path: &Path<'_>) -> Result<bytes::Bytes, Error> {
    media::decode(text).ok_or_else(|| Error::invalid(path.to_string(), format!("`{path}` is not valid base64")))
}
