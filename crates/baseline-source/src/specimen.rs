//! Small workbooks for tests, made from their XML: no file of anybody lies in the project.
