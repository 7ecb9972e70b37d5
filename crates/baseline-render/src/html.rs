pub(crate) struct Html;
impl crate::Format for Html {
    fn id(&self) -> &'static str { "html" }
    fn extension(&self) -> &'static str { "html" }
    fn render(&self, _: &crate::document::Report, _: &baseline_model::language::Language) -> Result<Vec<crate::RenderedFile>, crate::RenderError> { Ok(Vec::new()) }
}
